// expect: done, ScriptSyntaxError, ScriptRuntimeError, ScriptLimit
// check: only
// ---
⟦9000 × [⟧1⟦9000 × ]⟧
