// expect: done
// ---
⟦5000 ×  ⟧
