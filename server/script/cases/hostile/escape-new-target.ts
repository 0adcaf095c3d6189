// expect: ScriptSyntaxError, ScriptRuntimeError
// ---
return new.target;
