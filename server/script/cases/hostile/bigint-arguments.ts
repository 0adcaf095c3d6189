// expect: ToolArguments
// calls: 0
// ---
await tools.echo({ n: 1n });
