// expect: done
// says: contained
// ---
const open: string[] = [];
for (const name of Reflect.ownKeys(globalThis)) {
  const d = Object.getOwnPropertyDescriptor(globalThis, name)!;
  if (d.configurable || d.writable) open.push(String(name));
}
return open.length === 0 ? 'contained' : open;
