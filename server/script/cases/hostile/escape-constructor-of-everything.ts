// expect: done
// says: contained
// why: walks all that can be reached and tries every constructor on the way
// ---
const seen = new Set<any>(), queue: any[] = [globalThis, tools, context, console, sleep, (async () => {}), (function* () {})(), (async function* () {})(), /a/, 1n, Symbol.iterator, new Error('x')];
let tried = 0;
while (queue.length > 0) {
  const value = queue.pop();
  if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value)) continue;
  seen.add(value);
  let keys: PropertyKey[] = [];
  try { keys = Reflect.ownKeys(value); queue.push(Object.getPrototypeOf(value)); } catch { continue; }
  for (const key of keys) {
    const d = Object.getOwnPropertyDescriptor(value, key);
    if (d) queue.push(d.value, d.get, d.set);
  }
  if (typeof value === 'function' && /function/i.test(value.name || 'function')) {
    let made: any;
    tried++;
    try { made = value('return 7'); } catch { continue; }
    try { if (typeof made === 'function' && made() === 7) throw 'escaped'; } catch (e) { if (e === 'escaped') throw new Error('by ' + value.name); }
  }
}
return tried > 0 ? 'contained' : 'nothing tried';
