// expect: ScriptOutOfMemory, ScriptTimeout
// ---
function* g() { yield 1; }
const a = [];
for (;;) { const it = g(); it.next(); a.push(it); }
