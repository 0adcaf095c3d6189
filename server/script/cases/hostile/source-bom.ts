// expect: done, ScriptSyntaxError
// ---
⟦U+FEFF⟧return 1;
