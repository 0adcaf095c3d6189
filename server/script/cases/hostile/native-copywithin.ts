// expect: ScriptTimeout
// limits: wall=0.3
// ---
Array.prototype.copyWithin.call({ length: 2 ** 53 - 1 }, 0, 1);
