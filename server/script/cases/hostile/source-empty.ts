// expect: done
// says: null
// ---

