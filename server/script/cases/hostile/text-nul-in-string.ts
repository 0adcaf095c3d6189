// expect: ScriptSyntaxError, done
// ---
return 'a⟦U+0000⟧b'.length;
