// expect: done, ScriptLimit, ScriptRuntimeError
// ---
return globalThis;
