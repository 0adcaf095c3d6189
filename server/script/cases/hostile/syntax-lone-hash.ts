// expect: ScriptSyntaxError
// ---
#
