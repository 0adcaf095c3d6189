// expect: ScriptLimit, ScriptOutOfMemory, ScriptTimeout
// ---
return new Proxy({}, { ownKeys: () => Array.from({ length: 250000 }, (_, i) => 'k' + i), getOwnPropertyDescriptor: () => ({ value: {}, enumerable: true, configurable: true }), get: (_, k) => (k === 'toJSON' ? undefined : {}) });
