// expect: ScriptSyntaxError
// ---
'
