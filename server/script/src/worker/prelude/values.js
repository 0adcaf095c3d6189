// Values as texts: what a script returns, prints and stores. BigInt, Map, Set, Date, Error, functions and cycles are
// rendered, not errors.
(function (native, kit) {
  'use strict';
  const { Array, ArrayBuffer, Date, Error, JSON, Map, Number, Object, Promise, RegExp, Set, String } = globalThis;
  const { bare } = kit;

  const MAX_DEPTH = 100;
  const MAX_NODES = 200000;

  // A plain tree that JSON can write.
  function plain(value, state, depth) {
    switch (typeof value) {
      case 'bigint': return `${value}n`;
      case 'symbol': return String(value);
      case 'function': return `[Function ${value.name || 'anonymous'}]`;
      case 'number': return Number.isFinite(value) ? value : String(value);
      case 'object': break;
      default: return value;
    }
    if (value === null) return null;
    if (state.path.has(value)) return '[Circular]';
    if (depth > MAX_DEPTH) return '[nested too deeply]';
    if (++state.nodes > MAX_NODES) {
      throw kit.limitError(`The value has more than ${MAX_NODES} parts`, 'Filter, count or summarise first.');
    }
    state.path.add(value);
    const tree = plainObject(value, state, depth + 1);
    state.path.delete(value);
    return tree;
  }

  function plainObject(value, state, depth) {
    const each = (part) => {
      const tree = plain(part, state, depth);
      return tree === undefined ? null : tree;
    };
    if (Array.isArray(value)) return Array.from(value, each);
    if (value instanceof Error) return errorTree(value, each);
    if (value instanceof Map) return mapTree(value, each);
    if (value instanceof Set) return Array.from(value, each);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    if (value instanceof RegExp) return String(value);
    if (value instanceof Promise) return '[Promise: did you forget `await`?]';
    if (ArrayBuffer.isView(value) && value.length !== undefined) return Array.from(value, each);
    if (value instanceof Number || value instanceof String) return value.valueOf();
    if (typeof value.toJSON === 'function') return plain(value.toJSON(), state, depth);
    const tree = Object.create(null);
    for (const key of Object.keys(value)) {
      const part = plain(value[key], state, depth);
      if (part !== undefined) tree[key] = part;
    }
    return tree;
  }

  function mapTree(map, each) {
    const keys = [...map.keys()];
    if (!keys.every((key) => typeof key === 'string' || typeof key === 'number')) {
      return Array.from(map, (entry) => [each(entry[0]), each(entry[1])]);
    }
    const tree = Object.create(null);
    for (const [key, part] of map) tree[key] = each(part);
    return tree;
  }

  function errorTree(error, each) {
    const tree = bare({ name: String(error.name), message: String(error.message) });
    for (const key of Object.keys(error)) tree[key] = each(error[key]);
    return tree;
  }

  // JSON writes half a surrogate pair as an escape that no other reader takes; it becomes U+FFFD.
  kit.wellFormed = (text) => {
    if (text === undefined || !text.includes('\\ud')) return text;
    return text.replace(/\\(?:ud[89a-f][0-9a-f]{2}|[^])/g, (found) => (found.length === 6 ? '\ufffd' : found));
  };

  kit.json = (value) => kit.wellFormed(JSON.stringify(plain(value, { path: new Set(), nodes: 0 }, 0)));

  kit.show = (value) => {
    if (typeof value === 'string') return value;
    try {
      if (value instanceof Error) return `${value.name}: ${value.message}`;
      return String(kit.json(value));
    } catch {
      return '[a value that cannot be shown]';
    }
  };

  kit.cut = (text, length) => (text.length > length ? `${text.slice(0, length)}…` : text).toWellFormed();
})
