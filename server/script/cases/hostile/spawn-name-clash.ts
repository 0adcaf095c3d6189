// expect: ToolNotFound, ScriptRuntimeError
// calls: 0
// ---
(tools.spawn as any).constructor({});
