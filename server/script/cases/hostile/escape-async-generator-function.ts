// expect: ScriptRuntimeError
// says: not available in scripts
// ---
return (async function* () {}).constructor('yield 1')().next();
