// expect: ScriptRuntimeError, ScriptOutOfMemory, ScriptTimeout, ScriptLimit
// limits: wall=0.3
// ---
return Math.max.apply(null, { length: 2 ** 32 - 1 });
