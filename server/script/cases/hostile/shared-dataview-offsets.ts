// expect: done
// says: contained
// ---
const v = new DataView(new ArrayBuffer(8));
for (const at of [-1, 8, 7.9, 2 ** 53, Infinity, NaN]) {
  try { v.setFloat64(at, 1); if (Number.isNaN(at)) continue; } catch { continue; }
  throw new Error('written at ' + at);
}
return 'contained';
