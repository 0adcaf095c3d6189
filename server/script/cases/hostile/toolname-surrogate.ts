// expect: ToolNotFound
// calls: 0
// ---
await (tools as any)['\ud800']({});
