// expect: ScriptRuntimeError
// ---
throw tools;
