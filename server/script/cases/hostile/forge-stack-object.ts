// expect: ScriptRuntimeError
// ---
throw Object.defineProperty(new Error('x'), 'stack', { value: { toString() { throw new Error('y'); } } });
