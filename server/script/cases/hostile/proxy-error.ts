// expect: ScriptRuntimeError
// why: an error seen through a proxy
// ---
throw new Proxy(new Error('inner'), { get(t, k) { if (k === 'stack') throw new Error('stack'); return Reflect.get(t, k); } });
