// expect: done, ScriptRuntimeError
// ---
return [(1e21).toLocaleString(), 'İ'.toLocaleLowerCase('tr'), 'a'.localeCompare('b', 'x'.repeat(1000)), typeof (globalThis as any).Intl];
