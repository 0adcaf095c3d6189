// expect: ScriptRuntimeError
// says: message
// ---
const e: any = new Error('a message \udc00');
e.name = '\ud800';
throw e;
