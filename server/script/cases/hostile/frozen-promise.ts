// expect: done
// says: contained
// why: the harness must not run through a replaced `then` or species
// ---
const ways: Array<() => any> = [
  () => { Promise.prototype.then = function () { throw new Error('stolen'); } as any; },
  () => { (Promise as any).resolve = () => 1; },
  () => { (globalThis as any).Promise = class {}; },
  () => { Object.defineProperty(Promise, Symbol.species, { value: Object }); },
  () => { (Promise.prototype as any).constructor = Object; },
];
let refused = 0;
for (const way of ways) { try { way(); } catch { refused++; } }
return refused === ways.length ? (await tools.echo({ a: 'contained' })).a : refused;
