// expect: done, ScriptRuntimeError
// ---
const e: any = new Error('x');
Object.defineProperty(e, 'name', { get() { throw 1; } });
return e;
