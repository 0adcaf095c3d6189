// expect: ScriptOutOfMemory, ScriptTimeout
// ---
new Array(1e8).fill(0);
