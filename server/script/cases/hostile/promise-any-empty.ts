// expect: ScriptRuntimeError
// ---
await Promise.any([]);
