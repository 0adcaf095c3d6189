// expect: done, ScriptRuntimeError, ScriptLimit
// ---
class S extends String { valueOf(): any { return this; } toString(): any { return {}; } }
return { s: new S('x') };
