// expect: ScriptRuntimeError, ScriptTimeout, ScriptOutOfMemory
// limits: wall=0.3
// ---
let n = 3n;
for (;;) n *= n;
