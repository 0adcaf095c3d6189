// expect: ScriptSyntaxError, done
// ---
let x: ⟦5000 × A<⟧1⟦5000 × >⟧;
return 1;
