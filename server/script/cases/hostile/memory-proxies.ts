// expect: ScriptOutOfMemory, ScriptTimeout
// ---
let p = {};
for (;;) p = new Proxy(p, {});
