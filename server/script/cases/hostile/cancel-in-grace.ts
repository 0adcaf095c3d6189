// expect: ScriptCancelled, done
// cancel: 0.3
// bound: 3
// limits: grace=5
// ---
tools.hang({});
return 1;
