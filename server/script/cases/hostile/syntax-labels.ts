// expect: done
// says: 3
// ---
a: b: c: for (let i = 0; ; i++) { if (i === 3) { break b; } continue c; }
return 3;
