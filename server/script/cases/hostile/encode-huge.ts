// expect: ScriptOutOfMemory, ScriptRuntimeError
// ---
let s = 'é'.repeat(4e6);
const keep: any[] = [];
for (;;) keep.push(new TextEncoder().encode(s));
