// expect: done
// says: contained
// ---
class A extends Array { static get [Symbol.species](): any { return function () { throw new Error('species'); }; } }
const a = new A();
a.push(1);
try { a.map((x) => x); throw 1; } catch (e: any) { if (e.message !== 'species') throw e; }
return ['contained', a];
