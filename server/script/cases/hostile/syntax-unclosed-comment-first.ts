// expect: ScriptSyntaxError
// ---
/* ---
return 1;
