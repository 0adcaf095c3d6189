// expect: ScriptRuntimeError, done, ScriptLimit
// why: every level makes the next one
// ---
const make = () => ({ get next() { return make(); } });
return make();
