// expect: ScriptOutOfMemory, ScriptRuntimeError
// ---
return 'x'.repeat(2 ** 30 - 100).length;
