// expect: ScriptLimit
// why: counted in bytes of UTF-8, not in characters
// ---
return 1; // ⟦10240 × é⟧
