// expect: ScriptSyntaxError, ScriptLimit
// ---
return ⟦20000 × [⟧
