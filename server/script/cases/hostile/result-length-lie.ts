// expect: ScriptTimeout, ScriptOutOfMemory, ScriptLimit, ScriptRuntimeError, done
// limits: wall=0.3
// ---
return new Proxy([], { get: (t, k) => (k === 'length' ? 2 ** 53 - 1 : (t as any)[k]) });
