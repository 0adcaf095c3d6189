// expect: ScriptRuntimeError
// says: far
// ---
/* ⟦6000 × 日⟧ */ throw new Error('far');
