// expect: ScriptSyntaxError, ScriptRuntimeError, done, ScriptLimit
// ---
return ⟦3000 × `${⟧1⟦3000 × }`⟧;
