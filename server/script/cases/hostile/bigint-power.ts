// expect: ScriptRuntimeError, ScriptOutOfMemory, ScriptTimeout
// limits: wall=0.3
// ---
return (2n ** (2n ** 40n)) % 7n;
