// expect: done, ScriptSyntaxError, ScriptRuntimeError, ScriptTimeout, ScriptLimit
// ---
const a: any = 1;
return ⟦30 × a ? (a) : (⟧a⟦30 × ) => a⟧;
