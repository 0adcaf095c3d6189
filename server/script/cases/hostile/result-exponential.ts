// expect: ScriptLimit, ScriptTimeout, ScriptOutOfMemory
// why: small in memory, endless as text
// ---
let o: any = ['x'];
for (let i = 0; i < 60; i++) o = [o, o];
return o;
