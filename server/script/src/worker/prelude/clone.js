// structuredClone, as browsers have it but for `transfer`.
(function (native, kit) {
  'use strict';
  const {
    Array, ArrayBuffer, BigInt, Boolean, DataView, Date, DOMException, Error, Map, Number, Object, Promise, Reflect,
    RegExp, Set, String, Symbol, TypeError, WeakMap, WeakRef, WeakSet,
  } = globalThis;

  const ERRORS = ['EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError', 'URIError']
    .map((name) => [name, globalThis[name]]);
  // Objects with something inside that cannot be copied.
  const CLOSED = [
    Promise, WeakMap, WeakSet, WeakRef, globalThis.FinalizationRegistry, kit.URL, kit.URLSearchParams,
  ];
  const WRAPPED = [Boolean, Number, String, BigInt, Symbol];
  const tag = Reflect.getOwnPropertyDescriptor(
    Object.getPrototypeOf(Object.getPrototypeOf(new Uint8Array(0))), Symbol.toStringTag).get;

  function refuse(what) {
    throw new DOMException(`${what} could not be cloned.`, 'DataCloneError');
  }

  function clone(value, seen) {
    if (typeof value === 'symbol') refuse(String(value));
    if (typeof value === 'function') refuse(`The function ${value.name || '(anonymous)'}`);
    if (value === null || typeof value !== 'object') return value;
    const known = seen.get(value);
    if (known !== undefined) return known;
    const keep = (copy) => {
      seen.set(value, copy);
      return copy;
    };
    if (Array.isArray(value)) return fill(keep(new Array(value.length)), value, seen);
    if (value instanceof Date) return keep(new Date(value.getTime()));
    if (value instanceof RegExp) return keep(new RegExp(value.source, value.flags));
    if (value instanceof Map) return cloneMap(keep(new Map()), value, seen);
    if (value instanceof Set) return cloneSet(keep(new Set()), value, seen);
    if (value instanceof ArrayBuffer) return keep(cloneBuffer(value));
    if (ArrayBuffer.isView(value)) return keep(cloneView(value, seen));
    if (value instanceof Error) return cloneError(value, seen, keep);
    if (CLOSED.some((type) => value instanceof type)) refuse('An object of this kind');
    for (const type of WRAPPED) {
      if (value instanceof type) return type === Symbol ? refuse('A symbol') : keep(Object(value.valueOf()));
    }
    return fill(keep({}), value, seen);
  }

  // Properties are defined, not set: `__proto__` is a name like any other.
  function fill(copy, value, seen) {
    for (const key of Object.keys(value)) {
      Object.defineProperty(copy, key, {
        value: clone(value[key], seen), writable: true, enumerable: true, configurable: true,
      });
    }
    return copy;
  }

  function cloneMap(copy, map, seen) {
    for (const [key, part] of [...map]) copy.set(clone(key, seen), clone(part, seen));
    return copy;
  }

  function cloneSet(copy, set, seen) {
    for (const part of [...set]) copy.add(clone(part, seen));
    return copy;
  }

  function cloneBuffer(buffer) {
    if (buffer.detached) refuse('A detached ArrayBuffer');
    if (!buffer.resizable) return buffer.slice(0);
    const copy = new ArrayBuffer(buffer.byteLength, { maxByteLength: buffer.maxByteLength });
    new Uint8Array(copy).set(new Uint8Array(buffer));
    return copy;
  }

  function cloneView(view, seen) {
    const buffer = clone(view.buffer, seen);
    const name = tag.call(view);
    if (name === undefined) return new DataView(buffer, view.byteOffset, view.byteLength);
    return new globalThis[name](buffer, view.byteOffset, view.length);
  }

  function cloneError(error, seen, keep) {
    if (error instanceof DOMException) return keep(new DOMException(error.message, error.name));
    const name = String(error.name);
    const found = ERRORS.find(([known]) => known === name);
    const made = keep(new (found ? found[1] : Error)(String(error.message)));
    if (typeof error.stack === 'string') made.stack = error.stack;
    const cause = Object.getOwnPropertyDescriptor(error, 'cause');
    if (cause && 'value' in cause) {
      Object.defineProperty(made, 'cause', {
        value: clone(cause.value, seen), writable: true, enumerable: false, configurable: true,
      });
    }
    return made;
  }

  kit.structuredClone = function structuredClone(value, options) {
    if (arguments.length === 0) throw new TypeError('structuredClone takes a value');
    const transfer = options === undefined || options === null ? undefined : options.transfer;
    if (transfer !== undefined && [...transfer].length > 0) refuse('What is to be transferred');
    return clone(value, new Map());
  };
})
