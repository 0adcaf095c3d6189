// expect: ScriptTimeout
// why: the wall clock of the host stands still for the pending call; CPU time ends it
// limits: wall=0.3,cpu=0.3
// bound: 25
// calls: 1
// ---
tools.hang({});
await sleep(1);
Array.prototype.reverse.call({ length: 2 ** 53 - 1 });
