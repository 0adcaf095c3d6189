// expect: done, ScriptTimeout, ScriptOutOfMemory, ScriptRuntimeError
// limits: wall=0.3
// ---
const a: any = [];
a[2 ** 32 - 2] = 1;
return structuredClone(a).length;
