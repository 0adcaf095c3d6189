// expect: done
// ---
let e = new Error('0');
for (let i = 1; i < 5000; i++) e = Object.assign(new Error(String(i)), { inner: e });
return e;
