// expect: done, ScriptSyntaxError, ScriptRuntimeError, ScriptTimeout, ScriptLimit
// why: every `<` may open type arguments
// ---
const a: any = 1;
return ⟦200 × a<(⟧a⟦200 × )>(a)⟧;
