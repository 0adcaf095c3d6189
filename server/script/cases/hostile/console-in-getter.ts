// expect: done, ScriptRuntimeError, ScriptTimeout, ScriptLimit
// why: printing that prints
// ---
const o: any = { get a() { console.log(o); return 1; } };
console.log(o);
return 1;
