// expect: done, ScriptSyntaxError
// ---
return '⟦U+FFFF⟧⟦U+10FFFF⟧'.length;
