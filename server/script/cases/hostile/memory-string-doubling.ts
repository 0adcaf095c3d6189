// expect: ScriptOutOfMemory, ScriptRuntimeError
// ---
let s = 'x';
for (;;) s += s;
