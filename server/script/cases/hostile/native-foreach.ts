// expect: ScriptTimeout
// limits: wall=0.3
// ---
Array.prototype.forEach.call({ length: 2 ** 53 - 1 }, () => 0);
