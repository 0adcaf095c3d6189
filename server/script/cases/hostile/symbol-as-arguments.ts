// expect: ToolArguments
// calls: 0
// ---
await tools.echo(Symbol('x') as any);
