// expect: ScriptRuntimeError, ScriptOutOfMemory
// ---
return (1n << (1n << 40n)) % 7n;
