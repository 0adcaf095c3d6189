// expect: ScriptOutOfMemory
// ---
const a = [];
for (;;) a.push(() => a);
