// expect: ScriptLimit
// calls: 256
// ---
for (let i = 0; ; i++) tools.spawn.echo({ i });
