// expect: done
// says: RangeError
// ---
const f = () => f() + 1;
try { f(); } catch (e) { return e.name + ' ' + (await tools.echo({ n: 1 })).n; }
