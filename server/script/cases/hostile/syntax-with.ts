// expect: ScriptSyntaxError
// ---
with (tools) { echo({}); }
