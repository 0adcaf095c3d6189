// expect: ScriptRuntimeError
// says: not available in scripts
// ---
return new Function('return 1')();
