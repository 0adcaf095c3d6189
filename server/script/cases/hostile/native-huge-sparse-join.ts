// expect: ScriptTimeout, ScriptOutOfMemory, ScriptRuntimeError
// limits: wall=0.3
// ---
return Array(1e9).join().length;
