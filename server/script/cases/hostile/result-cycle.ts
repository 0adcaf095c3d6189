// expect: done
// says: Circular
// ---
const a: any = { b: [] };
a.b.push(a);
return a;
