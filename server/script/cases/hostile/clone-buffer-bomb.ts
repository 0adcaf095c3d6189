// expect: ScriptOutOfMemory
// ---
const b = new Uint8Array(4e6), keep: any[] = [];
for (;;) keep.push(structuredClone(b));
