// expect: ScriptRuntimeError
// ---
Array.prototype.push = () => 7;
