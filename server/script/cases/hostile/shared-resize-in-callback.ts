// expect: done, ScriptRuntimeError
// ---
const b: any = new (ArrayBuffer as any)(64, { maxByteLength: 1024 });
const v = new Uint8Array(b);
v.sort((x, y) => { b.resize(1); return x - y; });
v.fill(({ valueOf() { b.resize(0); return 1; } }) as any);
v.set([1, 2, 3].map(() => ({ valueOf() { b.resize(1024); return 1; } })) as any, 0);
return v.length;
