// expect: ScriptSyntaxError, ScriptRuntimeError
// ---
return await import('/etc/passwd');
