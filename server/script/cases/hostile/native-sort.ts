// expect: ScriptTimeout, ScriptOutOfMemory
// limits: wall=0.3
// ---
Array.prototype.sort.call({ length: 2 ** 53 - 1 });
