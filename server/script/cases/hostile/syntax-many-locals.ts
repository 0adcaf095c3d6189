// expect: done, ScriptSyntaxError, ScriptRuntimeError
// limits: source=65536
// ---
const f = () => { ⟦8000 × {let a;}⟧ return 1; };
return f();
