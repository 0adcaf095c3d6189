// expect: done
// says: contained
// ---
const b: any = new ArrayBuffer(8), v = new Uint8Array(b);
const moved = b.transfer ? b.transfer(16) : b;
v[0] = 1;
return [moved.byteLength > 0 ? 'contained' : '', v.length];
