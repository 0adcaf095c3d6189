// expect: ScriptRuntimeError
// ---
const e: any = new Error('x');
e.message = { [Symbol.toPrimitive]() { throw new Error('inner'); } };
throw e;
