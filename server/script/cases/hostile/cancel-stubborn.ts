// expect: ScriptCancelled
// cancel: 0.2
// bound: 3
// ---
await Promise.all(Array.from({ length: 30 }, () => tools.stubborn({})));
