// expect: ScriptLimit
// calls: 256
// ---
async function* g() { for (;;) yield await tools.echo({}); }
for await (const x of g()) void x;
