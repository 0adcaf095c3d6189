// expect: ScriptLimit, ScriptRuntimeError, ToolArguments, done, ScriptTimeout
// ---
const a: any = { get x() { void tools.echo(a).catch(() => 0); return 1; } };
return await tools.echo(a);
