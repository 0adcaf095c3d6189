// expect: ToolArguments
// calls: 0
// ---
const a: any = {};
a.a = a;
await tools.echo(a);
