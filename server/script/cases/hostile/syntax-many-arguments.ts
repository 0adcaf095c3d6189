// expect: done, ScriptSyntaxError, ScriptRuntimeError
// limits: source=65536
// ---
const f = (...a: any[]) => a.length;
return f(⟦30000 × 1,⟧);
