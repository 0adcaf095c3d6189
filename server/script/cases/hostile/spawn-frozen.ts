// expect: done
// says: contained
// ---
const t: any = tools.spawn.echo({ a: 1 });
for (const way of [() => { t.id = 'x'; }, () => { t.extra = 1; }, () => { delete t.done; }, () => { (tools.spawn as any).echo = 1; }]) {
  try { way(); } catch { continue; }
  throw new Error('changed');
}
return 'contained';
