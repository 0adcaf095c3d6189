// Takes away what makes code from text and what scripts must not have, and can freeze every built-in object.
(function (native, kit) {
  'use strict';
  const { ArrayBuffer, Error, Map, Object, Reflect, Set, TypeError } = globalThis;

  Object.setPrototypeOf(kit, null);
  kit.bare = (entries) => Object.assign(Object.create(null), entries);

  const samples = [
    function () {}, async function () {}, function* () {}, async function* () {},
    (function* () {})(), (async function* () {})(), [][Symbol.iterator](), ''[Symbol.iterator](), new Map().entries(),
    new Set().values(), 'a'.matchAll(/a/g), Object.getPrototypeOf(Int8Array),
    ...(globalThis.Iterator ? [[].values().map((x) => x), Iterator.from({ next() {} })] : []),
  ];

  // Ways from a text to code: the constructors behind every kind of function, and `eval`.
  for (const sample of samples.slice(0, 4)) {
    const proto = Object.getPrototypeOf(sample);
    const refused = function Function() {
      throw new TypeError('Making code from text is not available in scripts');
    };
    Object.defineProperty(refused, 'prototype', { value: proto, writable: false });
    Object.defineProperty(proto, 'constructor', { value: refused, writable: false, configurable: false });
  }
  globalThis.Function = Object.getPrototypeOf(samples[0]).constructor;
  globalThis.eval = function () {
    throw new TypeError('eval is not available in scripts');
  };
  // Own stack traces would hand out the functions of the prelude.
  delete Error.prepareStackTrace;
  delete Error.stackTraceLimit;
  for (const name of ['Atomics', 'SharedArrayBuffer', 'performance']) delete globalThis[name];
  // The engine's own numbers are the same in every worker that is forked from it.
  const { random } = native;
  const drawn = { random() { return random(); } }.random;
  Object.defineProperty(Math, 'random', { value: drawn, writable: true, enumerable: false, configurable: true });
  // Text that JSON.stringify would write unread, such as numbers that no other reader takes.
  delete JSON.rawJSON;
  delete JSON.isRawJSON;

  // Freezing a prototype makes `this.name = …` in a subclass throw. Accessors that define on the receiver repair it.
  function repair(proto) {
    for (const key of Reflect.ownKeys(proto)) {
      const found = Object.getOwnPropertyDescriptor(proto, key);
      if (!found.configurable || !('value' in found)) continue;
      Object.defineProperty(proto, key, {
        get: () => found.value,
        set(value) {
          if (this === proto) throw new TypeError(`Built-in objects are frozen: cannot set '${String(key)}'`);
          Object.defineProperty(this, key, { value, writable: true, enumerable: true, configurable: true });
        },
        enumerable: found.enumerable,
        configurable: false,
      });
    }
  }

  function freezeAll(roots) {
    const seen = new Set([globalThis]);
    const queue = [...roots];
    while (queue.length > 0) {
      const value = queue.pop();
      if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value)) continue;
      seen.add(value);
      queue.push(Object.getPrototypeOf(value));
      for (const key of Reflect.ownKeys(value)) {
        const found = Object.getOwnPropertyDescriptor(value, key);
        if ('value' in found) queue.push(found.value);
        else queue.push(found.get, found.set);
      }
      if (!ArrayBuffer.isView(value)) Object.freeze(value);
    }
  }

  // Freezes all there is, once everything is in place.
  kit.harden = () => {
    const names = Reflect.ownKeys(globalThis);
    const values = [];
    for (const name of names) {
      const found = Object.getOwnPropertyDescriptor(globalThis, name);
      if ('value' in found) values.push(found.value);
      else values.push(found.get);
      if (found.configurable && 'value' in found) {
        Object.defineProperty(globalThis, name, { writable: false, configurable: false });
      }
    }
    const errors = values.filter((value) => typeof value === 'function' && Error.isPrototypeOf(value));
    [Object, globalThis.Function, Error, ...errors].forEach((type) => repair(type.prototype));
    freezeAll([...values, ...samples]);
  };
})
