// expect: ScriptOutOfMemory
// ---
const a = [];
for (;;) a.push(new Uint8Array(1e6).fill(1));
