// expect: ScriptSyntaxError
// ---
const a = 1;⟦U+0000⟧
return a;
