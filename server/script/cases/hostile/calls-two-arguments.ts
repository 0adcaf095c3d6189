// expect: ToolArguments
// calls: 0
// ---
await (tools.echo as any)({}, {});
