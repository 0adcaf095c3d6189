// expect: done
// ---
return [new Date(NaN), new Date(8.64e15), new Error('e'), /x/g, new WeakMap(), new Uint8Array(3), new DataView(new ArrayBuffer(2)), new ArrayBuffer(2), Object(1n), Object(Symbol('x')), -0, NaN, Infinity, undefined, null, new Proxy([], {}), new Boolean(false)];
