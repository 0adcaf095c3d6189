// expect: done
// says: contained
// ---
for (const key of [1, 'x', null, undefined, Symbol.for('x')]) {
  try { new WeakMap().set(key as any, 1); } catch { continue; }
  throw new Error(String(key));
}
return 'contained';
