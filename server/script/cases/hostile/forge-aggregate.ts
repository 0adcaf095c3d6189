// expect: ScriptRuntimeError
// ---
await Promise.any([tools.fail({}), tools.fail({})]);
