// expect: ScriptSyntaxError
// ---
const a = 1;⟦U+27E6⟧
return a;
