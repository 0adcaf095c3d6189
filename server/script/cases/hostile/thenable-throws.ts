// expect: ScriptRuntimeError
// says: no
// ---
return { then() { throw new Error('no'); } };
