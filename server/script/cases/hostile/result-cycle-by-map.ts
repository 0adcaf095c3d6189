// expect: done
// says: Circular
// ---
const m = new Map<any, any>();
m.set('m', m).set('s', new Set([m]));
return m;
