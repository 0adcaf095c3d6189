// expect: ScriptSyntaxError
// ---
export const a = 1;
