// expect: done
// says: contained
// ---
const ways: Array<() => any> = [
  () => { (console as any).log = 1; },
  () => { (console.log as any).x = 1; },
  () => { delete (console as any).log; },
  () => { (globalThis as any).console = {}; },
];
for (const [i, way] of ways.entries()) {
  try { way(); } catch { continue; }
  throw new Error('way ' + i);
}
return 'contained';
