// expect: done
// says: fine
// ---
const refs: any[] = [];
for (let i = 0; i < 10000; i++) refs.push(new WeakRef({ i }));
return refs.some((ref) => ref.deref() === null) ? 'odd' : 'fine';
