// expect: ScriptSyntaxError, ScriptRuntimeError, done, ScriptLimit
// ---
return ⟦20000 × !⟧1;
