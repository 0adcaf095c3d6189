// expect: done, ScriptRuntimeError, ScriptLimit
// ---
class N extends Number { valueOf(): any { return { toJSON: () => undefined, a: 1n }; } }
return [new N(1)];
