// expect: done, ScriptRuntimeError, ScriptOutOfMemory, ScriptTimeout, ScriptLimit
// ---
let a: any = [];
for (let i = 0; i < 200000; i++) a = [a];
structuredClone(a);
return 1;
