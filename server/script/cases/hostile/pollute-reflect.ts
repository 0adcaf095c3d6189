// expect: done
// says: contained
// ---
const roots = [Object, Array, String, Number, Boolean, Promise, Map, Set, Error, TypeError, RegExp, Date, Symbol, BigInt, WeakMap, Function, Uint8Array, ArrayBuffer, DataView];
for (const root of roots) {
  for (const target of [root, root.prototype]) {
    if (Reflect.set(target, 'polluted', 1) && Object.hasOwn(target, 'polluted')) throw new Error('set on ' + root.name);
    if (Reflect.defineProperty(target, 'polluted', { value: 1 })) throw new Error('defined on ' + root.name);
    if (Reflect.setPrototypeOf(target, {}) && Object.getPrototypeOf(target) !== Object.prototype) throw new Error('prototype of ' + root.name);
    if (Object.isExtensible(target)) throw new Error('extensible: ' + root.name);
  }
}
return 'contained';
