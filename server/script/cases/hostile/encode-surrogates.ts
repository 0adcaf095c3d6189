// expect: done
// says: 239
// ---
return [...new TextEncoder().encode('\ud800')];
