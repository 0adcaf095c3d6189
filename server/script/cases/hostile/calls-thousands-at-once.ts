// expect: ScriptLimit
// calls: 256
// ---
await Promise.all(Array.from({ length: 5000 }, (_, i) => tools.echo({ i })));
