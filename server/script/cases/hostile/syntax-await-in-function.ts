// expect: ScriptSyntaxError
// ---
function f() { await tools.echo({}); }
