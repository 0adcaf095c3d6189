// expect: ToolNotFound, ScriptRuntimeError
// calls: 0
// ---
await (tools as any)[{ toString: () => 'missing' } as any]({});
