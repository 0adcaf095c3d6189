// expect: ToolFailed
// never: polluted
// why: an error whose name is not a tool's
// ---
await tools.lie({});
