// expect: done
// ---
console.log({ toString() { throw 1; } }, { get a() { throw 2; } }, Symbol('x'), 1n, () => 1, null, undefined, Object.create(null), new Proxy({}, { ownKeys() { throw 3; } }));
return 1;
