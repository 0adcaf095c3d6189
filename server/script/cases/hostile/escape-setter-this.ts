// expect: done
// says: contained
// why: setters of repaired prototypes called on anything
// ---
const set = Object.getOwnPropertyDescriptor(Object.prototype, 'toString')!.set;
if (set) for (const target of [tools, context, console, globalThis, Object.prototype, Array.prototype, Promise, JSON, null, undefined, 1]) {
  try { set.call(target, () => 'mine'); } catch { continue; }
}
let text = '';
try { text = String(tools); } catch {}
if (text === 'mine' || String({}) === 'mine' || `${[]}` === 'mine') throw new Error('set');
return 'contained';
