// expect: ScriptLimit
// calls: 256
// ---
for (;;) await tools.echo({});
