// expect: done
// says: contained
// ---
for (const f of [() => (Object.prototype as any).__defineGetter__('x', () => 1), () => (Object.prototype as any).__defineSetter__('x', () => 1)]) {
  try { f(); } catch { continue; }
  throw new Error('defined');
}
return 'contained';
