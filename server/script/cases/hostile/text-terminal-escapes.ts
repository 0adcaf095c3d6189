// expect: done
// ---
console.log('\x1b[2J\x1b]0;title\x07\x9b31m');
return 1;
