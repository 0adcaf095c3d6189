// expect: ScriptRuntimeError
// ---
for (const x of { [Symbol.iterator]: () => ({ next: () => 1 }) } as any) void x;
