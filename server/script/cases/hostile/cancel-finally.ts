// expect: ScriptCancelled
// cancel: 0.2
// limits: cpu=5,wall=10
// bound: 3
// ---
try { await tools.hang({}); } finally { for (;;) {} }
