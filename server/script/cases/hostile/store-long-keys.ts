// expect: ScriptLimit
// limits: store=1000
// ---
store.set('k'.repeat(5000), 1);
