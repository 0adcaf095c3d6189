// expect: ScriptSyntaxError, ScriptRuntimeError, done, ScriptOutOfMemory, ScriptLimit
// ---
return typeof (⟦4000 × ()=>⟧1);
