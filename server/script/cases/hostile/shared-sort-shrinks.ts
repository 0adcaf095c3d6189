// expect: done, ScriptRuntimeError
// ---
const a: any[] = Array.from({ length: 1000 }, (_, i) => i);
a.sort((x, y) => { a.length = 0; return y - x; });
const b = [1, 2, 3, 4];
b.map((_, i) => { b.length = 1; return i; });
[1, 2, 3].concat.call(b, b);
Array.prototype.splice.call(new Proxy(b, {}), 0, 4);
return [a.length, b.length];
