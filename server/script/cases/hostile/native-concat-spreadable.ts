// expect: ScriptTimeout, ScriptOutOfMemory, ScriptRuntimeError
// limits: wall=0.3
// ---
return [].concat({ length: 2 ** 32 - 1, [Symbol.isConcatSpreadable]: true }).length;
