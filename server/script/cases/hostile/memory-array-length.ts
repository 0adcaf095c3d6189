// expect: done, ScriptOutOfMemory, ScriptRuntimeError
// ---
const a = [];
a.length = 2 ** 32 - 1;
a[2 ** 32 - 2] = 1;
return a.length;
