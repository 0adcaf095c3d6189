// expect: done
// says: 1
// ---
const a⟦U+FEFF⟧=⟦U+FEFF⟧1;
return a;
