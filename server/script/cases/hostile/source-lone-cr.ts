// expect: ScriptRuntimeError
// ---
const a = 1;⟦U+000D⟧throw new Error('here');⟦U+000D⟧
