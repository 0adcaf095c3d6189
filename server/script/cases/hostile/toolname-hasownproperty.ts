// expect: ToolNotFound, ScriptRuntimeError
// calls: 0
// ---
return (tools as any).hasOwnProperty('echo');
