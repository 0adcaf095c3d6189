// expect: ScriptRuntimeError
// calls: 0
// ---
await (tools as any)[Symbol('echo')]({});
