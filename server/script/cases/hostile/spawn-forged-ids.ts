// expect: done, ToolArguments, ToolFailed, ToolNotFound
// ---
for (const id of ['', '\0', '__proto__', '../../etc/passwd', 'x'.repeat(100000), 1, null, { toString() { throw 1; } }, ['H1.1'], 'H1.1.1', '</task>'] as any[]) {
  for (const f of ['status', 'result', 'cancel'] as const) await (tools.spawn as any)[f](id).catch(() => 0);
}
return 1;
