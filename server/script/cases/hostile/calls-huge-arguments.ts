// expect: ToolArguments
// calls: 0
// limits: memory=64
// ---
await tools.echo({ a: 'x'.repeat(5e6) });
