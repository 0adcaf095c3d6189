// expect: ScriptSyntaxError, ScriptRuntimeError
// ---
return await import('/etc/hostname', { with: { type: 'text' } });
