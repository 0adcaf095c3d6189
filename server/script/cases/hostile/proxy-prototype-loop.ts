// expect: ScriptRuntimeError, ScriptTimeout, ScriptLimit
// ---
let p: any;
p = new Proxy({}, { getPrototypeOf: () => p });
return p instanceof Error;
