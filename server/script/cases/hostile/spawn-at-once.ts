// expect: done
// says: H1.1
// ---
const t = tools.spawn.echo({ a: 1 });
return t.id;
