// expect: ScriptRuntimeError
// ---
throw 'text';
