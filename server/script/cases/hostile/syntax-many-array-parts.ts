// expect: done
// limits: source=65536
// ---
return [⟦30000 × 1,⟧].length;
