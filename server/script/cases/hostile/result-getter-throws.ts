// expect: ScriptRuntimeError
// says: no
// ---
return { get a() { throw new Error('no'); } };
