// expect: done
// says: contained
// ---
return typeof Atomics === 'undefined' && typeof SharedArrayBuffer === 'undefined' && typeof (globalThis as any).WebAssembly === 'undefined' ? 'contained' : 'there';
