// expect: ScriptSyntaxError, done
// ---
<!-- an old comment
return 1;
