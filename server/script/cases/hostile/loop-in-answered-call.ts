// expect: ScriptTimeout
// calls: 1
// ---
await tools.echo({}).then(() => { for (;;) {} });
