// expect: ScriptOutOfMemory, ScriptTimeout, ScriptRuntimeError
// ---
let s = 'x';
for (;;) s = (s + s + Math.random()).toUpperCase();
