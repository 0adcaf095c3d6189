// expect: ScriptOutOfMemory, ScriptRuntimeError
// ---
const b = new ArrayBuffer(1, { maxByteLength: 2 ** 33 });
for (let n = 1; ; n *= 2) b.resize(n);
