// expect: ScriptRuntimeError, ScriptTimeout, done
// why: `instanceof` in the harness walks a chain without an end
// ---
let p: any;
p = new Proxy({}, { getPrototypeOf: () => p });
return p;
