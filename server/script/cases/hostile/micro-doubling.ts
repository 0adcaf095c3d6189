// expect: ScriptTimeout, ScriptOutOfMemory
// ---
const f = () => { Promise.resolve().then(f); Promise.resolve().then(f); };
f();
await new Promise(() => {});
