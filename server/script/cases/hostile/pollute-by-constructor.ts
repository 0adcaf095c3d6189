// expect: ScriptRuntimeError
// ---
const o: any = {};
o.constructor.prototype.polluted = 1;
