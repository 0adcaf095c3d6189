// expect: done, ScriptRuntimeError
// ---
for (const target of [null, {}, new ArrayBuffer(4), new Float64Array(2), new Proxy(new Uint8Array(2), {})] as any[]) { try { new TextEncoder().encodeInto('abc', target); } catch (e) { if (!(e instanceof Error)) throw e; } }
return 1;
