// expect: ScriptSyntaxError
// ---
return `abc ${ 1
