// expect: done, ScriptTimeout, ScriptOutOfMemory
// ---
const r: any = new FinalizationRegistry((n: number) => { r.register({}, n + 1); r.register({}, n + 2); });
r.register({}, 0);
for (let i = 0; i < 200; i++) { void { i }; await 0; }
return 1;
