// expect: ScriptSyntaxError
// check: only
// ---
return (;
