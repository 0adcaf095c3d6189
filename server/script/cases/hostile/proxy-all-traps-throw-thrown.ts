// expect: ScriptRuntimeError
// ---
const trap = () => { throw new Error('trap'); };
throw new Proxy(function () {}, new Proxy({}, { get: () => trap }));
