// expect: ScriptCancelled
// cancel: 0.2
// limits: cpu=5,wall=5
// bound: 3
// ---
Array.prototype.reverse.call({ length: 2 ** 53 - 1 });
