// expect: done, ScriptOutOfMemory
// limits: grace=0.1
// bound: 9
// ---
tools.sleep({ ms: 20 }).then(() => { const a: any[] = []; for (;;) a.push(new Array(1000).fill(1)); });
return 1;
