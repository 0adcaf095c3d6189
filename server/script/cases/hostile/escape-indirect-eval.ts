// expect: ScriptRuntimeError
// says: not available in scripts
// ---
return (0, eval)('1 + 1');
