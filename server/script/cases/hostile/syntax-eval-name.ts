// expect: ScriptSyntaxError
// ---
const eval = 1;
