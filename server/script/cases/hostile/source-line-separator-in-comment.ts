// expect: ScriptRuntimeError
// says: ran
// ---
// a comment ⟦U+2028⟧throw new Error('ran');
