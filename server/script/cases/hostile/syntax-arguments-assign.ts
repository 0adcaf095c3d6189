// expect: ScriptSyntaxError
// ---
arguments = 1;
