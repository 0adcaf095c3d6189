// expect: ScriptStuck
// ---
for await (const x of { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }) void x;
