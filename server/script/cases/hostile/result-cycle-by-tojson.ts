// expect: done, ScriptRuntimeError
// ---
const a: any = { toJSON() { return { a }; } };
return a;
