// expect: done
// says: fine
// ---
return Object.assign(Object.create(null), { a: 'fine', toJSON: 1, then: 2 });
