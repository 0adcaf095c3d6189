// expect: ScriptRuntimeError
// ---
const g: any = (function* () { g.next(); yield 1; })();
g.next();
