// expect: ScriptRuntimeError
// ---
throw new Error('x'.repeat(5e6));
