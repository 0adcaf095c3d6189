// expect: done
// says: contained
// ---
class P extends Promise<any> { then(a: any, b: any): any { return super.then(a, b); } static get [Symbol.species]() { return Promise; } }
const r = await P.resolve('contained');
await P.all([tools.echo({}), new P((resolve) => resolve(1))]);
return r;
