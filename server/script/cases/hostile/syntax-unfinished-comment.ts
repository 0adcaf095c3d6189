// expect: ScriptSyntaxError
// ---
return 1; /* never closed
