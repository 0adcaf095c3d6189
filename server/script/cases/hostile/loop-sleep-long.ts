// expect: ScriptTimeout
// says: running time
// limits: wall=0.3
// ---
await sleep(1e9);
