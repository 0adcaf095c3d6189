// expect: ScriptRuntimeError
// says: here
// ---
const a = '⟦U+2028⟧';⟦U+2028⟧throw new Error('here');
