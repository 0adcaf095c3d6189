// expect: done
// says: contained
// ---
for (const way of [() => { (store as any).set = 1; }, () => { (globalThis as any).store = {}; }, () => { (store as any).x = 1; }]) {
  try { way(); } catch { continue; }
  throw new Error('changed');
}
return 'contained';
