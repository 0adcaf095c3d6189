// expect: ScriptRuntimeError
// ---
Object.defineProperty(Object.prototype, 'x', { value: 1 });
