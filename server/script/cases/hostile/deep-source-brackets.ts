// expect: ScriptSyntaxError, ScriptRuntimeError, done, ScriptLimit
// ---
return ⟦10000 × [⟧⟦10000 × ]⟧;
