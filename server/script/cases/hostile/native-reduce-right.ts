// expect: ScriptTimeout
// limits: wall=0.3
// ---
return Array.prototype.reduceRight.call({ length: 2 ** 53 - 1 }, () => 0, 0);
