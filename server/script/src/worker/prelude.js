// What a script sees, built from a handful of native functions that never reach the script itself.
// Runs once in every fresh context, before the script: takes its own references, takes away what makes code from
// text, freezes every built-in object, and answers with the functions the worker's loop calls.
(function (native) {
  'use strict';
  const {
    Array, ArrayBuffer, Date, Error, Function, JSON, Map, Math, Number, Object, Promise, Proxy, Reflect, RegExp, Set,
    String, TypeError, WeakMap,
  } = globalThis;

  // --- built-in objects -------------------------------------------------------------------------------------------

  const bare = (entries) => Object.assign(Object.create(null), entries);
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
  // Own stack traces would hand out the functions of this file.
  delete Error.prepareStackTrace;
  delete Error.stackTraceLimit;
  delete globalThis.Atomics;
  delete globalThis.SharedArrayBuffer;

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

  // --- values as text ---------------------------------------------------------------------------------------------

  const MAX_DEPTH = 100;
  const MAX_NODES = 200000;

  // A plain tree that JSON can write: BigInt, Map, Set, Date, Error, functions and cycles are rendered, not errors.
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
    if (++state.nodes > MAX_NODES) throw limitError(`The value has more than ${MAX_NODES} parts`);
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
  function wellFormed(text) {
    if (text === undefined || !text.includes('\\ud')) return text;
    return text.replace(/\\(?:ud[89a-f][0-9a-f]{2}|[^])/g, (found) => (found.length === 6 ? '\ufffd' : found));
  }

  const json = (value) => wellFormed(JSON.stringify(plain(value, { path: new Set(), nodes: 0 }, 0)));

  function show(value) {
    if (typeof value === 'string') return value;
    try {
      if (value instanceof Error) return `${value.name}: ${value.message}`;
      return String(json(value));
    } catch {
      return '[a value that cannot be shown]';
    }
  }

  const cut = (text, length) => (text.length > length ? `${text.slice(0, length)}…` : text).toWellFormed();

  // --- errors -----------------------------------------------------------------------------------------------------

  // Errors of ours, with the name of the catalogue they had when they were made.
  const ours = new WeakMap();

  function dress(error, fields) {
    for (const key of Object.keys(fields)) {
      const hidden = key === 'name' || key === 'message';
      Object.defineProperty(error, key, {
        value: fields[key], writable: true, enumerable: !hidden, configurable: true,
      });
    }
    ours.set(error, { name: fields.name, tool: fields.tool });
    return error;
  }

  function limitError(message) {
    return dress(new Error(), { name: 'ScriptLimit', message });
  }

  function toolError(error, tool, failure) {
    const details = failure.details === null ? undefined : failure.details;
    const code = details && details.code !== undefined ? details.code : failure.name;
    const { name, message, retryable } = failure;
    return dress(error, { name, message, tool, code, retryable: retryable === true, details });
  }

  // What the worker needs to report an error; never throws.
  function describe(error) {
    const report = bare({ name: '', message: '', stack: '', known: '', tool: null, isNull: error === null });
    try {
      if (error instanceof Error) {
        report.name = String(error.name);
        report.message = cut(String(error.message), 4000);
        report.stack = cut(String(error.stack), 8000);
        const known = ours.get(error);
        if (known) {
          report.known = known.name;
          report.tool = known.tool === undefined ? null : known.tool;
        }
      } else {
        report.message = cut(`the script threw ${show(error)}`, 4000);
      }
    } catch {
      report.message = 'the script threw a value that cannot be shown';
    }
    return JSON.stringify(report);
  }

  // --- tools ------------------------------------------------------------------------------------------------------

  const pending = new Map();
  const REFUSALS = bare({
    '-1': () => limitError('The script has made all the tool calls it may make'),
    '-2': (error, tool) => toolError(error, tool, { name: 'ToolArguments', message: 'The arguments are too long' }),
    '-3': (error, tool) => toolError(error, tool, { name: 'ToolArguments', message: 'The arguments nest too deeply' }),
  });

  function call(tool, args, error) {
    return new Promise((resolve, reject) => {
      const wrong = (message) => reject(toolError(error, tool, { name: 'ToolArguments', message }));
      if (args.length > 1) return wrong(`${tool} takes one object with its arguments, not ${args.length} values`);
      let text;
      try {
        text = wellFormed(JSON.stringify(args[0] === undefined ? {} : args[0]));
      } catch (cause) {
        return wrong(`The arguments of ${tool} cannot be written as JSON: ${show(cause)}`);
      }
      if (text === undefined) return wrong(`${tool} takes one object with its arguments, not ${show(args[0])}`);
      const id = native.call(tool, text);
      if (id < 0) return reject(REFUSALS[id](error, tool));
      pending.set(id, { tool, error, resolve, reject });
    });
  }

  // A namespace that answers unknown names with the nearest known ones.
  function guard(node, path) {
    return new Proxy(Object.freeze(node), {
      get(target, key) {
        if (typeof key === 'symbol' || key === 'then' || key === 'toJSON' || Reflect.has(target, key)) return target[key];
        const tool = path === '' ? key : `${path}.${key}`;
        const near = native.nearest(tool);
        const message = `There is no tool '${tool}'.${near === '' ? '' : ` Did you mean ${near}?`}`;
        throw toolError(new Error(), tool, { name: 'ToolNotFound', message });
      },
    });
  }

  function makeTools(names) {
    const root = bare({ node: Object.create(null), below: new Map() });
    for (const name of names) {
      let place = root;
      for (const part of name.split('.')) {
        if (!place.below.has(part)) place.below.set(part, bare({ leaf: null, below: new Map() }));
        place = place.below.get(part);
      }
      place.leaf = name;
    }
    const build = (place, path) => {
      const leaf = place.leaf;
      const node = leaf ? { call: (...args) => call(leaf, args, new Error()) }.call : Object.create(null);
      if (leaf) Object.defineProperty(node, 'name', { value: leaf });
      for (const [part, below] of place.below) {
        const value = build(below, path === '' ? part : `${path}.${part}`);
        Object.defineProperty(node, part, { value, enumerable: true });
      }
      return leaf && place.below.size === 0 ? Object.freeze(node) : guard(node, path);
    };
    return build(root, '');
  }

  function settle(id, ok, text) {
    const entry = pending.get(id);
    if (entry === undefined) return;
    pending.delete(id);
    try {
      const answer = JSON.parse(text);
      if (ok) entry.resolve(answer);
      else entry.reject(toolError(entry.error, entry.tool, answer));
    } catch (error) {
      entry.reject(error);
    }
  }

  // --- what scripts see -------------------------------------------------------------------------------------------

  const sleepers = new Map();

  const globals = {
    sleep: (ms) => new Promise((resolve) => {
      const wanted = Number(ms);
      sleepers.set(native.sleep(wanted > 0 ? Math.min(wanted, 1e9) : 0), resolve);
    }),
    console: Object.freeze(bare(Object.fromEntries(
      [['log', 'log'], ['debug', 'log'], ['dir', 'log'], ['table', 'log'], ['trace', 'log'], ['info', 'info'],
        ['warn', 'warn'], ['error', 'error']].map(([name, level]) => [name, (...values) => {
        native.console(level, cut(values.map(show).join(' '), 2000));
      }]),
    ))),
  };

  function wake(id) {
    const resolve = sleepers.get(id);
    sleepers.delete(id);
    if (resolve) resolve();
  }

  function expose(name, value) {
    Object.defineProperty(globalThis, name, { value, writable: false, enumerable: true, configurable: false });
  }

  function freezeTree(value) {
    if (value !== null && typeof value === 'object') Object.values(Object.freeze(value)).forEach(freezeTree);
    return value;
  }

  // --- the run ----------------------------------------------------------------------------------------------------

  const rejections = new Map();

  function track(promise, reason, handled) {
    if (handled) rejections.delete(promise);
    else rejections.set(promise, reason);
  }

  function unhandled() {
    return JSON.stringify([...rejections.values()].slice(0, 20).map((reason) => JSON.parse(describe(reason))));
  }

  function equip(names, context) {
    expose('tools', makeTools(JSON.parse(names)));
    const seen = JSON.parse(context);
    seen.progress = (text) => native.progress(cut(show(text), 500));
    expose('context', freezeTree(seen));
  }

  async function start(main) {
    let text;
    try {
      text = json(await main());
    } catch (error) {
      native.fail(describe(error));
      return;
    }
    native.done(text === undefined ? 'null' : text);
  }

  for (const name of Object.keys(globals)) expose(name, globals[name]);
  for (const name of Reflect.ownKeys(globalThis)) {
    const found = Object.getOwnPropertyDescriptor(globalThis, name);
    if (found.configurable && 'value' in found) {
      Object.defineProperty(globalThis, name, { writable: false, configurable: false });
    }
  }
  const values = Reflect.ownKeys(globalThis).map((name) => globalThis[name]);
  const errors = values.filter((value) => typeof value === 'function' && Error.isPrototypeOf(value));
  [Object, Function, Error, ...errors].forEach((type) => repair(type.prototype));
  freezeAll([...values, ...samples]);
  return bare({ equip, start, settle, wake, track, unhandled, describe });
})
