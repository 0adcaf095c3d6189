// expect: ScriptRuntimeError
// ---
throw null;
