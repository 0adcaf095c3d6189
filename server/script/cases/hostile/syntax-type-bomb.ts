// expect: done, ScriptSyntaxError
// ---
type A = ⟦1000 × { a: ⟧1⟦1000 × }⟧;
return 1;
