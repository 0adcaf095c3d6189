// expect: ScriptRuntimeError
// says: TypeError
// ---
Object.prototype.polluted = 1;
