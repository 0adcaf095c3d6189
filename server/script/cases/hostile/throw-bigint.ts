// expect: ScriptRuntimeError
// ---
throw 10n ** 1000n;
