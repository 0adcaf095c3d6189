// expect: ScriptRuntimeError
// ---
const trap = () => { throw new Error('trap'); };
const traps = Object.fromEntries(['get', 'set', 'has', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor', 'defineProperty', 'deleteProperty', 'isExtensible', 'preventExtensions', 'setPrototypeOf', 'apply', 'construct'].map((name) => [name, trap]));
return { p: new Proxy({}, traps) };
