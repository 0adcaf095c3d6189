// expect: ScriptTimeout, ScriptOutOfMemory, ScriptRuntimeError
// limits: wall=0.3
// ---
Array.prototype.join.call({ length: 2 ** 53 - 1 });
