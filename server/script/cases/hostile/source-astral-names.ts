// expect: done
// says: 3
// ---
const 𠮷 = 1, ñ = 2;
return 𠮷 + ñ;
