// expect: ToolArguments, ScriptRuntimeError, done
// ---
for (const q of ['', 'x'.repeat(1000000), '\0', '(a+)+$', '</tools>'] as any[]) await tools.search(q).catch(() => 0);
await tools.search({ toString() { throw new Error('no'); }, toJSON() { throw new Error('json'); } } as any);
