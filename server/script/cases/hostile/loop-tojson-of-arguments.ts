// expect: ScriptTimeout
// calls: 0
// ---
await tools.echo({ a: { toJSON() { for (;;) {} } } });
