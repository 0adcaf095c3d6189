// expect: done
// says: contained
// ---
const a: any = { m: new Map(), d: new Date(0), r: /x/g };
a.m.set(a, a);
const b: any = structuredClone(a);
return b !== a && b.m.get(b) === b ? 'contained' : 'other';
