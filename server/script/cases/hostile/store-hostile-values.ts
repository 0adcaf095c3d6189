// expect: done
// says: contained
// ---
const cycle: any = {};
cycle.a = cycle;
let deep: any = [];
for (let i = 0; i < 100000; i++) deep = [deep];
for (const value of [cycle, deep, 1n, () => 1, Symbol('x'), undefined, { toJSON() { throw new Error('x'); } }, new Proxy({}, { ownKeys() { throw new Error('x'); } })] as any[]) {
  try { store.set('k', value); } catch (e) { if (!(e instanceof Error)) throw e; }
}
store.set('fine', 1);
return store.get('fine') === 1 ? 'contained' : 'lost';
