// expect: done
// says: contained
// why: what was stored is a copy, and so is what is read
// ---
const value: any = { a: 1 };
store.set('k', value);
value.a = 2;
const read: any = store.get('k');
try { read.a = 3; } catch {}
return (store.get('k') as any).a === 1 ? 'contained' : 'shared';
