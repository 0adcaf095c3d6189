// expect: ScriptSyntaxError, ScriptRuntimeError, done, ScriptLimit
// ---
return ⟦9000 × 1+⟧1;
