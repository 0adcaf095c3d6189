// expect: done, ScriptTimeout
// limits: grace=0.1,wall=0.3,cpu=0.3
// bound: 9
// why: the same in an operation that cannot be interrupted
// ---
tools.sleep({ ms: 20 }).then(() => { Array.prototype.reverse.call({ length: 2 ** 53 - 1 }); });
return 1;
