// expect: ScriptRuntimeError
// ---
return process.env;
