// expect: ScriptRuntimeError
// ---
const p: any = Promise.reject(new Error('x')).catch((e) => { throw Object.assign(e, { again: p }); });
await p;
