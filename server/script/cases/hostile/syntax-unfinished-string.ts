// expect: ScriptSyntaxError
// ---
return 'abc
