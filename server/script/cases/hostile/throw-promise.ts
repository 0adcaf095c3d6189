// expect: ScriptRuntimeError
// ---
throw tools.echo({});
