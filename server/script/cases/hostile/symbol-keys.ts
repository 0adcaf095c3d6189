// expect: done
// ---
return { [Symbol('a')]: 1, [Symbol.iterator]: 2, [Symbol.toStringTag]: 3, a: 4 };
