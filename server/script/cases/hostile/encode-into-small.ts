// expect: done
// ---
const r = new TextEncoder().encodeInto('é'.repeat(100), new Uint8Array(3));
return [r.read, r.written];
