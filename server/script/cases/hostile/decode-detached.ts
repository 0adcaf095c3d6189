// expect: done, ScriptRuntimeError
// ---
const b: any = new ArrayBuffer(8), v = new Uint8Array(b);
if (b.transfer) b.transfer();
return new TextDecoder().decode(v);
