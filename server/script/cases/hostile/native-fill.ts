// expect: ScriptTimeout, ScriptOutOfMemory
// limits: wall=0.3
// ---
Array.prototype.fill.call({ length: 2 ** 53 - 1 }, 1);
