// expect: done, ScriptSyntaxError, ScriptRuntimeError, ScriptOutOfMemory, ScriptLimit
// limits: source=65536
// ---
const [⟦9000 × _,⟧ last] = [] as any[];
return last ?? 1;
