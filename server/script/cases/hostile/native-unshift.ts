// expect: ScriptTimeout
// limits: wall=0.3
// ---
Array.prototype.unshift.call({ length: 2 ** 53 - 2 }, 1);
