// expect: ScriptSyntaxError, ScriptRuntimeError, done
// ---
const a⟦U+200B⟧b = 1;
return a⟦U+200B⟧b;
