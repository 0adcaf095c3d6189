// expect: ScriptCancelled
// cancel: 0.2
// bound: 3
// ---
await tools.hang({});
