// expect: done
// says: contained
// why: nothing of the engine's own helpers is left
// ---
const bad = ['std', 'os', 'bjson', 'scriptArgs', 'print', '__loadScript', 'Worker', 'require', 'process', 'Deno', 'Bun', 'fetch', 'XMLHttpRequest', 'WebAssembly', 'setTimeout', 'gc', 'navigator', 'Atomics', 'SharedArrayBuffer', 'native', 'performance', '__date_clock', 'InternalError0'];
const found = bad.filter((name) => name in globalThis);
return found.length === 0 ? 'contained' : found;
