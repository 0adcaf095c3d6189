// expect: ScriptTimeout, ScriptOutOfMemory, ScriptStuck
// why: the job that fails for lack of memory is the one that held it all
// ---
const f = () => Promise.resolve().then(f);
await f();
