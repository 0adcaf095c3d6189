// expect: ScriptRuntimeError
// ---
return { get then() { throw new Error('no'); } };
