// expect: ScriptRuntimeError, ScriptTimeout
// ---
let p: any;
p = new Proxy({}, { getPrototypeOf: () => p });
throw p;
