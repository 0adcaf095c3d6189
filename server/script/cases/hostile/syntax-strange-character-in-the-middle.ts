// expect: ScriptSyntaxError
// ---
const a = ⟦U+00A7⟧ + 1;
