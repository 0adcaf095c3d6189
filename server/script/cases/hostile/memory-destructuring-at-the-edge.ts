// expect: ScriptOutOfMemory, ScriptRuntimeError, HarnessFailure, done, ScriptLimit
// why: a full heap while destructuring was parsed once crashed the engine
// limits: memory=2
// ---
⟦150 × const { a: { b: [c, ...d] = [], ...e } = {}, ...f } = {}; void [c, d, e, f]; {\n⟧⟦150 × }⟧
return 1;
