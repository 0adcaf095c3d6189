// expect: ToolFailed
// ---
await tools.panic({});
