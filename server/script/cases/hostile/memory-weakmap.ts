// expect: ScriptOutOfMemory, ScriptTimeout
// ---
const m = new WeakMap(), keep = [];
for (;;) { const k = {}; keep.push(k); m.set(k, { k }); }
