// expect: ScriptTimeout, ScriptOutOfMemory, ScriptRuntimeError
// ---
const ones = { next: () => ({ done: false, value: 1 }), __proto__: (globalThis as any).Iterator?.prototype } as any;
return ones.map((x: any) => x).filter(() => false).toArray();
