// expect: done, ScriptSyntaxError, ScriptRuntimeError, ScriptLimit
// why: text of this kind makes parsers go back again and again
// ---
return typeof (⟦40 × (a = ⟧1⟦40 × ) => 1⟧);
