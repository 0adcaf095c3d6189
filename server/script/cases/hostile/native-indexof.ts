// expect: ScriptTimeout
// limits: wall=0.3
// ---
return Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);
