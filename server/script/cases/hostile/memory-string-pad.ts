// expect: ScriptOutOfMemory, ScriptRuntimeError
// ---
return ''.padStart(2 ** 29, 'ab').length;
