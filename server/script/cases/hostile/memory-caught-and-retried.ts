// expect: ScriptOutOfMemory, ScriptTimeout
// why: a full heap that is caught is still full
// ---
const a = [];
for (;;) { try { for (;;) a.push({}); } catch {} }
