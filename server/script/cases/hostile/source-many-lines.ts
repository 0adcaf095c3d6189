// expect: ScriptRuntimeError
// says: last
// ---
⟦10000 × \n⟧throw new Error('last');
