// expect: ScriptRuntimeError, ScriptTimeout, ScriptOutOfMemory, ScriptLimit
// ---
function* g(): any { yield* g(); }
return [...g()];
