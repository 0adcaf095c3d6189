// expect: ScriptLimit
// calls: 256
// ---
const t = tools.spawn.sleep({ ms: 1 });
for (;;) await tools.spawn.wait(t.id, { timeoutMs: -1e308 } as any);
