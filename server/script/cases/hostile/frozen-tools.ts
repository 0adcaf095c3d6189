// expect: done
// says: contained
// ---
const ways: Array<() => any> = [
  () => { (tools as any).echo = 1; },
  () => { (tools as any).fresh = 1; },
  () => { delete (tools as any).echo; },
  () => { (tools.agents as any).list = 1; },
  () => { (tools.echo as any).x = 1; },
  () => { Object.defineProperty(tools, 'y', { value: 1 }); },
  () => { Object.setPrototypeOf(tools, { z: 1 }); },
  () => { (tools as any).__proto__ = { z: 1 }; },
  () => { (globalThis as any).tools = {}; },
  () => { Object.defineProperty(globalThis, 'tools', { value: {} }); },
  () => { delete (globalThis as any).tools; },
];
for (const [i, way] of ways.entries()) {
  try { way(); } catch { continue; }
  throw new Error('way ' + i);
}
return (await tools.echo({ a: 'contained' })).a;
