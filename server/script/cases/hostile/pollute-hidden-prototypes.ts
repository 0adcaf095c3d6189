// expect: done
// says: contained
// ---
const protos = [
  [][Symbol.iterator](), ''[Symbol.iterator](), new Map().entries(), new Set().values(), 'a'.matchAll(/a/g),
  Object.getPrototypeOf((function* () {})()), Object.getPrototypeOf((async function* () {})()), new Int8Array(), (async () => {}), function* () {}, async function* () {},
].map((value) => Object.getPrototypeOf(value));
for (const proto of protos) {
  for (let p = proto; p !== null; p = Object.getPrototypeOf(p)) {
    if (Object.isExtensible(p)) throw new Error('extensible: ' + Object.prototype.toString.call(p));
  }
}
return 'contained';
