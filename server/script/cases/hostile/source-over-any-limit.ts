// expect: ScriptLimit
// limits: source=10000000
// ---
return 1; // ⟦fill 65537⟧
