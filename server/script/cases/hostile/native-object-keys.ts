// expect: ScriptTimeout, ScriptOutOfMemory
// limits: wall=0.3,memory=64
// ---
const o = {};
for (let i = 0; i < 100000; i++) o['k' + i] = 1;
for (;;) Object.keys(o);
