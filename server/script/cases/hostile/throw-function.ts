// expect: ScriptRuntimeError
// ---
throw () => 1;
