// expect: ScriptStuck
// ---
const it: any = { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false, value: 1 }), return: () => new Promise(() => {}) }) };
for await (const x of it) break;
