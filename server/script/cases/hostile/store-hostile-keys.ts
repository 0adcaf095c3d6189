// expect: done, ScriptRuntimeError
// ---
for (const key of [Symbol('x'), null, undefined, {}, 1, { toString() { throw new Error('x'); } }] as any[]) { try { store.set(key, 1); store.get(key); store.delete(key); } catch (e) { if (!(e instanceof Error)) throw e; } }
return store.keys();
