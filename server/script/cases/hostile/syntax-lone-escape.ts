// expect: ScriptSyntaxError
// ---
const \u{110000} = 1;
