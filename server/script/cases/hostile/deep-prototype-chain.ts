// expect: ScriptRuntimeError, ScriptTimeout, ScriptOutOfMemory, done, ScriptLimit
// ---
let o = {};
for (let i = 0; i < 100000; i++) o = Object.create(o);
return o.missing === undefined;
