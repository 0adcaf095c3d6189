// expect: ScriptTimeout, ScriptOutOfMemory
// ---
const f = () => { queueMicrotask(f); throw new Error('x'); };
queueMicrotask(f);
await new Promise(() => {});
