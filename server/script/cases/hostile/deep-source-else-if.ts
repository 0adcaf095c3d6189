// expect: ScriptSyntaxError, ScriptRuntimeError, done, ScriptLimit
// ---
let n = 0;
⟦1000 × if (n) n++; else ⟧n = 1;
return n;
