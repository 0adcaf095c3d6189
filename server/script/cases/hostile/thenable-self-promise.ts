// expect: ScriptRuntimeError
// ---
let resolve: any;
const p = new Promise((r) => { resolve = r; });
resolve(p);
await p;
