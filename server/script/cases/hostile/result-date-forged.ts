// expect: done, ScriptRuntimeError
// ---
class D extends Date { toISOString(): any { return { a: 1 }; } getTime(): any { return 'x'; } }
return new D();
