// expect: ScriptSyntaxError, ScriptRuntimeError
// ---
return import.meta.url;
