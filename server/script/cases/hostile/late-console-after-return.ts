// expect: done
// limits: grace=0.1
// ---
tools.sleep({ ms: 20 }).then(() => { for (let i = 0; i < 5000; i++) console.log(i); });
return 1;
