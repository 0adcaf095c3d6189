// expect: ScriptRuntimeError
// says: undefined
// ---
throw undefined;
