// expect: done, ScriptOutOfMemory, ScriptTimeout
// why: caught once, everything released: the script may go on
// ---
let a = [];
try { for (;;) a.push(new Uint8Array(1e5).fill(1)); } catch { a = []; }
return 'went on';
