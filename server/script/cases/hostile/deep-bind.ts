// expect: ScriptRuntimeError, ScriptOutOfMemory, ScriptTimeout, done, ScriptLimit
// ---
let f = () => 1;
for (let i = 0; i < 50000; i++) f = f.bind(null);
return f();
