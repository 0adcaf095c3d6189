// expect: ScriptOutOfMemory, ScriptTimeout
// ---
const a = [];
for (;;) a.push(new Promise(() => {}));
