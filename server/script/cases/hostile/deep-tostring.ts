// expect: ScriptLimit
// ---
const o = { toString() { return '' + o; } };
return '' + o;
