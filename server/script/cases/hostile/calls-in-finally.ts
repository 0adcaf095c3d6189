// expect: ScriptLimit, ScriptTimeout, ScriptOutOfMemory
// ---
async function f(): Promise<any> { try { return await tools.echo({}); } finally { await f(); } }
await f();
