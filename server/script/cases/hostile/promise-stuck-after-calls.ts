// expect: ScriptStuck
// calls: 3
// ---
await Promise.all([tools.echo({}), tools.echo({}), tools.echo({})]);
await new Promise(() => {});
