// expect: ScriptRuntimeError
// never: ScriptOutOfMemory
// why: only a heap that was nearly full throws null by itself
// ---
const nothing = [null][0];
return Promise.reject(nothing);
