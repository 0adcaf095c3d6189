// expect: ScriptOutOfMemory, ScriptRuntimeError, ScriptTimeout
// ---
let o = ['x'.repeat(1000)];
for (let i = 0; i < 40; i++) o = [o, o];
return JSON.stringify(o).length;
