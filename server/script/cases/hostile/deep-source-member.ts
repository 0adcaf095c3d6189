// expect: ScriptRuntimeError, ScriptSyntaxError, ScriptLimit
// ---
const a: any = {};
return a⟦9000 × .a⟧;
