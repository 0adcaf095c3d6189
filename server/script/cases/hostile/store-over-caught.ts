// expect: done
// says: contained
// limits: store=1000
// why: a refused write changes nothing
// ---
store.set('a', 'kept');
try { store.set('a', 'x'.repeat(2000)); return 'taken'; } catch (e: any) { if (e.name !== 'ScriptLimit') throw e; }
return store.get('a') === 'kept' && store.keys().length === 1 ? 'contained' : store.get('a');
