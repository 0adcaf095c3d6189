// expect: ScriptLimit
// limits: store=1000
// ---
for (let i = 0; ; i++) store.set('k' + i, i);
