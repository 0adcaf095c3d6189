// expect: done, ScriptTimeout, ScriptOutOfMemory
// ---
let o: any = ['x'];
for (let i = 0; i < 60; i++) o = [o, o];
console.log(o);
return 1;
