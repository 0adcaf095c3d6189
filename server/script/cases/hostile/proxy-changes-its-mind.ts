// expect: done, ToolArguments, ScriptRuntimeError, ScriptOutOfMemory, ScriptTimeout
// why: small when measured, large when read
// ---
let reads = 0;
const p: any = new Proxy({}, { ownKeys: () => ['a'], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }), get: (_, k) => (k === 'a' ? 'x'.repeat(1000 ** Math.min(2, reads++)) : undefined) });
await tools.echo(p);
return p;
