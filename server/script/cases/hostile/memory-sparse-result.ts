// expect: ScriptOutOfMemory, ScriptTimeout, ScriptLimit, ScriptRuntimeError
// why: a returned array with four thousand million holes
// limits: wall=0.3
// ---
const a = [];
a[2 ** 32 - 2] = 1;
return a;
