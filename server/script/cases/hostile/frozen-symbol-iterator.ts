// expect: ScriptRuntimeError
// ---
(Array.prototype as any)[Symbol.iterator] = function* () { yield 'stolen'; };
