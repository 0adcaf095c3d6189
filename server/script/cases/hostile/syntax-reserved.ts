// expect: ScriptSyntaxError
// ---
let let = 1;
