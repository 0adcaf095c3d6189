// expect: done, ScriptOutOfMemory, ScriptTimeout
// ---
let n = 0;
const p = Promise.resolve();
const all = [];
for (let i = 0; i < 20000; i++) all.push(p.then(() => n++));
await Promise.all(all);
return n;
