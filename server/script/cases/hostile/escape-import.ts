// expect: ScriptSyntaxError, ScriptRuntimeError
// ---
const fs = await import('fs');
return Object.keys(fs);
