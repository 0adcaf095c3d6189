// expect: ScriptStuck, ScriptOutOfMemory, ScriptTimeout
// ---
await Promise.all(Array.from({ length: 20000 }, () => new Promise(() => {})));
