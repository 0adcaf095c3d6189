// expect: done
// says: contained
// why: whatever can be reached from the global object is frozen
// ---
const seen = new Set<any>([globalThis]), queue: any[] = Reflect.ownKeys(globalThis).map((name) => (globalThis as any)[name]);
const open: string[] = [];
while (queue.length > 0) {
  const value = queue.pop();
  if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value)) continue;
  seen.add(value);
  if (!Object.isFrozen(value) && !ArrayBuffer.isView(value)) open.push(value.name ?? typeof value);
  queue.push(Object.getPrototypeOf(value));
  for (const key of Reflect.ownKeys(value)) {
    const d = Object.getOwnPropertyDescriptor(value, key)!;
    queue.push(d.value, d.get, d.set);
  }
}
return open.length === 0 ? 'contained' : open.slice(0, 20);
