// expect: ScriptLimit
// limits: store=1000
// ---
store.set('a', 'x'.repeat(2000));
