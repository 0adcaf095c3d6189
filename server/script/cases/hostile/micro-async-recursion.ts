// expect: ScriptTimeout, ScriptOutOfMemory
// ---
const f = async () => { await 0; await f(); };
await f();
