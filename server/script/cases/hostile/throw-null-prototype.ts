// expect: ScriptRuntimeError
// ---
throw Object.create(null);
