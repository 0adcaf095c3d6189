// expect: ScriptRuntimeError
// ---
let a: any = [];
for (let i = 0; i < 50000; i++) a = [a];
throw a;
