// expect: done, ScriptTimeout, ScriptLimit, ScriptOutOfMemory
// limits: cpu=2,wall=20
// ---
for (let i = 0; i < 20000; i++) store.set('k', i);
return store.get('k');
