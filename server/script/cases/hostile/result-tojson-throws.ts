// expect: ScriptRuntimeError
// ---
return { toJSON() { throw null; } };
