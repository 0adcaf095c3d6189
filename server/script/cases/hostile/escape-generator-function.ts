// expect: ScriptRuntimeError
// says: not available in scripts
// ---
return (function* () {}).constructor('yield 1')().next();
