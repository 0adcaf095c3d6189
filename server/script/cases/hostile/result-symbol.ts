// expect: done
// ---
return Symbol('s');
