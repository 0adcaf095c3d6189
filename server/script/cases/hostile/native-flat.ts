// expect: ScriptTimeout
// limits: wall=0.3
// ---
Array.prototype.flat.call({ length: 2 ** 53 - 1 });
