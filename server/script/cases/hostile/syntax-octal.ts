// expect: ScriptSyntaxError
// ---
return 010;
