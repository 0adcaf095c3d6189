// expect: ScriptRuntimeError
// says: far
// ---
/* ⟦18000 × y⟧ */ throw new Error('far');
