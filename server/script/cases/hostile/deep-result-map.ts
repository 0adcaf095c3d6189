// expect: done
// says: nested too deeply
// ---
let a: any = new Map();
for (let i = 0; i < 20000; i++) a = new Map([['a', a]]);
return a;
