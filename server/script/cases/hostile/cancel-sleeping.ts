// expect: ScriptCancelled
// cancel: 0.2
// limits: wall=10
// bound: 3
// ---
await sleep(100000);
