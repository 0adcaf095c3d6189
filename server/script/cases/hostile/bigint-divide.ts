// expect: ScriptRuntimeError, ScriptTimeout, ScriptOutOfMemory, done
// limits: wall=0.3
// ---
let n = 10n ** 100000n;
for (let i = 0; i < 2000; i++) n = (n * n) / (n - 1n);
return n % 2n;
