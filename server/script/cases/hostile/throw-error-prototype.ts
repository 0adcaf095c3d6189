// expect: ScriptRuntimeError
// ---
throw Error.prototype;
