// expect: done
// ---
const user = 'guest'; /*⟦U+202E⟧ ⟦U+2066⟧ if (admin) ⟦U+2069⟧ ⟦U+2066⟧ begin */
return user;
