// expect: done
// says: 20480
// ---
return 20480; // ⟦fill 20480⟧
