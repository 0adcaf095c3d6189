// expect: ScriptTimeout
// ---
for (const x of { [Symbol.iterator]: () => ({ next: () => ({ get done() { return false; }, value: 1 }) }) } as any) void x;
