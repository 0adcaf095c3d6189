// expect: ScriptTimeout, ScriptRuntimeError, ScriptOutOfMemory
// limits: wall=0.3
// ---
Array.prototype.slice.call({ length: 2 ** 32 - 1 });
