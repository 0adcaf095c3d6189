// expect: ScriptSyntaxError, ScriptRuntimeError
// ---
const m = await import('std');
return Object.keys(m);
