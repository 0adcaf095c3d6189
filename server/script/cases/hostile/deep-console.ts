// expect: done
// ---
let a: any = [];
for (let i = 0; i < 50000; i++) a = [a];
console.log(a, { a });
return 1;
