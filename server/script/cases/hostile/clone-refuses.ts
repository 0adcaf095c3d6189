// expect: done
// says: contained
// ---
for (const bad of [() => 1, Symbol('x'), { f() {} }, new WeakMap(), tools, tools.echo, Promise.resolve(), new Proxy({}, { ownKeys() { throw new Error('x'); } })] as any[]) {
  try { structuredClone(bad); } catch { continue; }
  if (bad === tools) continue;
  throw new Error('cloned ' + typeof bad);
}
return 'contained';
