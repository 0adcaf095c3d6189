// expect: ScriptRuntimeError
// ---
const e: any = new Error('x');
e.message = Symbol('m');
e.name = Symbol('n');
throw e;
