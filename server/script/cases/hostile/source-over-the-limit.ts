// expect: ScriptLimit
// says: 20481
// ---
return 1; // ⟦fill 20481⟧
