// expect: ScriptRuntimeError
// says: not available in scripts
// ---
return eval('1 + 1');
