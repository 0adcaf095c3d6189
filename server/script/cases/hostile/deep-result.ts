// expect: done
// says: nested too deeply
// ---
let a: any = [];
for (let i = 0; i < 50000; i++) a = [a];
return a;
