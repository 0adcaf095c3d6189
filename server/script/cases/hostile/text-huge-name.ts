// expect: ScriptRuntimeError
// ---
const e = new Error('x');
e.name = 'N'.repeat(5e6);
throw e;
