// expect: done, ScriptOutOfMemory, ScriptTimeout, ScriptRuntimeError, ScriptLimit
// ---
let s = '';
for (let i = 0; i < 300000; i++) s = 'x' + s;
return s.length;
