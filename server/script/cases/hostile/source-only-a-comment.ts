// expect: done
// ---
// nothing here
