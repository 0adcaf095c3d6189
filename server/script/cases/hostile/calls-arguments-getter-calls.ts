// expect: done, ToolArguments, ScriptLimit, ScriptRuntimeError
// why: a call made while another call's arguments are written
// ---
const a = { get x() { void tools.echo({ inner: 1 }); return 1; } };
return await tools.echo(a);
