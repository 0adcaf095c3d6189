// expect: ScriptOutOfMemory, ScriptRuntimeError, ScriptTimeout
// ---
let s = 'x'.repeat(3e6);
for (;;) s = btoa(s);
