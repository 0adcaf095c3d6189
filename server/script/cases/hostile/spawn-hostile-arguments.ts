// expect: done, ToolArguments, ScriptRuntimeError
// calls: 0
// ---
const a: any = {};
a.a = a;
const t = tools.spawn.echo(a);
await t.done;
