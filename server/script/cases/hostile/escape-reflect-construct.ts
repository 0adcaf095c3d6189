// expect: done
// says: contained
// ---
const ways: Array<() => any> = [
  () => Reflect.construct(Function, ['return 1']),
  () => Reflect.construct((async () => {}).constructor, ['return 1']),
  () => Reflect.construct((function* () {}).constructor, ['return 1'], Object),
  () => Reflect.construct(Object, ['return 1'], Function),
  () => Reflect.apply(Function, null, ['return 1']),
  () => Function.call(null, 'return 1'),
  () => Function.apply(null, ['return 1']),
  () => Function.bind(null, 'return 1')(),
  () => new (Function.bind(null, 'return 1'))(),
  () => (class extends (Function as any) { constructor() { super('return 1'); } }),
  () => new (class extends (Function as any) { constructor() { super('return 1'); } })(),
  () => Object.getPrototypeOf(function () {}).constructor('return 1'),
  () => Object.getPrototypeOf(class {}).constructor('return 1'),
  () => (() => {}).bind(null).constructor('return 1'),
  () => (tools.echo as any).constructor('return 1'),
  () => (console.log as any).constructor('return 1'),
  () => (sleep as any).constructor('return 1'),
  () => Promise.constructor('return 1'),
  () => (Proxy as any).constructor('return 1'),
  () => new Proxy(Function, {})('return 1'),
  () => Symbol.constructor('return 1'),
  () => Object.getOwnPropertyDescriptor(Object.prototype, '__proto__')!.get!.constructor('return 1'),
  () => ({ get a() { return 1; } }, Object.getOwnPropertyDescriptor({ get a() { return 1; } }, 'a')!.get!.constructor('return 1')),
  () => new Error('x').constructor.constructor('return 1'),
  () => (async function* () {})().next.constructor('return 1'),
  () => Function.prototype.constructor('return 1'),
];
for (const [i, way] of ways.entries()) {
  let found;
  try { found = way(); } catch { continue; }
  if (typeof found === 'function') {
    let value;
    try { value = await found(); } catch { continue; }
    if (value === 1) throw new Error('way ' + i + ' made code from text');
  } else if (found === 1) throw new Error('way ' + i + ' ran text');
}
return 'contained';
