// expect: ScriptRuntimeError, ScriptTimeout, ScriptOutOfMemory
// ---
let o: any = ['x'];
for (let i = 0; i < 60; i++) o = [o, o];
throw o;
