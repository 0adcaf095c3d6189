// expect: ScriptStuck
// ---
let a: any, b: any;
a = (async () => { await 0; await b; })();
b = (async () => { await a; })();
await b;
