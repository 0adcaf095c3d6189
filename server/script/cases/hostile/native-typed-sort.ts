// expect: ScriptTimeout, ScriptOutOfMemory, done
// limits: wall=0.3,memory=64
// ---
const a = new Float64Array(6e6);
for (let i = 0; i < 1000; i++) a[i * 6000] = Math.random();
return a.sort().length;
