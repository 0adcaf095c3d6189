// expect: ScriptTimeout, ScriptOutOfMemory
// ---
const t = { then(resolve) { resolve(t); } };
await t;
