// expect: done
// ---
return '\u2028\u2029';
