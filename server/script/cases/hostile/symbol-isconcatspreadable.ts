// expect: ScriptRuntimeError, ScriptOutOfMemory, ScriptTimeout
// limits: wall=0.3
// ---
return ([] as any).concat({ length: 2 ** 53 - 1, [Symbol.isConcatSpreadable]: true }, [1]);
