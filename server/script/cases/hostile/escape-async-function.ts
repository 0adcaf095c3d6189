// expect: ScriptRuntimeError
// says: not available in scripts
// ---
return await (async () => {}).constructor('return 1')();
