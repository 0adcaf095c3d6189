// expect: ScriptSyntaxError, ScriptRuntimeError, done, ScriptLimit
// ---
return ⟦10000 × (⟧1⟦10000 × )⟧;
