// expect: ScriptRuntimeError
// why: only the harness can say that a tool was denied
// ---
throw Object.assign(new Error('the user said no'), { name: 'ToolDenied', tool: 'exec', code: 'ToolDenied', retryable: true });
