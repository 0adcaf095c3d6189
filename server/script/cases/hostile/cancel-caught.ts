// expect: ScriptCancelled
// cancel: 0.2
// limits: wall=10
// bound: 3
// why: the script cannot catch its own end
// ---
for (;;) { try { await tools.hang({}); } catch { await sleep(1); } }
