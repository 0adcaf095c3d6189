// expect: done, ScriptOutOfMemory, ScriptTimeout
// ---
let a = [];
try { for (;;) a.push('x'.repeat(1e4) + a.length); } catch {}
a = [];
return (await tools.echo({ n: 1 })).n;
