// expect: ScriptRuntimeError
// ---
const e: any = new Error('outer');
e.cause = e;
throw e;
