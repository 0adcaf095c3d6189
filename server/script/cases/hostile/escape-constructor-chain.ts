// expect: ScriptRuntimeError
// says: not available in scripts
// ---
return [].constructor.constructor('return 1')();
