// expect: ScriptTimeout
// limits: wall=0.3
// ---
Array.prototype.reverse.call({ length: 2 ** 53 - 1 });
