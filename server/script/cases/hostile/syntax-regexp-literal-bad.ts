// expect: ScriptSyntaxError
// ---
return /(?<a>x)(?<a>y)[z-a]/u;
