// expect: ScriptSyntaxError
// ---
const a = /[
