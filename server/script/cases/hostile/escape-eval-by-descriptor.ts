// expect: ScriptRuntimeError
// says: not available in scripts
// ---
return Object.getOwnPropertyDescriptor(globalThis, 'eval')!.value('1 + 1');
