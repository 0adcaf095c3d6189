// expect: done
// says: contained
// calls: 1
// ---
const p: any = new Proxy(tools, { get: (t, k) => Reflect.get(t, k) });
return (await p.echo({ a: 'contained' })).a;
