// expect: ScriptTimeout, ScriptRuntimeError, ScriptOutOfMemory
// limits: wall=0.3
// ---
Array.prototype.splice.call({ length: 2 ** 53 - 1 }, 0, 1);
