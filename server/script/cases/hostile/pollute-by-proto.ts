// expect: ScriptRuntimeError
// ---
const o: any = {};
o.__proto__.polluted = 1;
