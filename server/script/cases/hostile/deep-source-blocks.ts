// expect: ScriptSyntaxError, ScriptRuntimeError, done, ScriptLimit
// ---
⟦10000 × {⟧⟦10000 × }⟧
return 1;
