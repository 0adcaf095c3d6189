// expect: ScriptOutOfMemory
// ---
const a = [];
await tools.echo({}).then(() => { for (;;) a.push(new Array(1000).fill(a)); });
