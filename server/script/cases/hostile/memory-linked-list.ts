// expect: ScriptOutOfMemory
// ---
let o = {};
for (;;) o = { o, p: [1, 2, 3] };
