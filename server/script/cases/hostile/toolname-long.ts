// expect: ToolNotFound
// calls: 0
// ---
await (tools as any)['x'.repeat(1e6)]({});
