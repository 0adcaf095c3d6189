// expect: ScriptSyntaxError
// ---
@tools.echo class A {}
