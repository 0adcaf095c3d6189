// expect: done, ScriptSyntaxError, ScriptRuntimeError, ScriptLimit
// limits: source=65536,cpu=5,wall=20
// ---
const tag = (parts: any, ...values: any[]) => parts.length + values.length;
return tag`⟦12000 × ${1}a⟧`;
