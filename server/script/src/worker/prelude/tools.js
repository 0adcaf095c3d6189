// `tools`: a frozen tree of functions, each of which is one call to the host. Namespaces are built when they are first
// looked at, and unknown names are met by their prototype, so that known ones cost nothing.
(function (native, kit) {
  'use strict';
  const { Error, JSON, Map, Object, Promise, Proxy, Reflect, Set, String, WeakMap } = globalThis;
  const { bare, limitError, show, toolError, wellFormed } = kit;

  // --- calls ------------------------------------------------------------------------------------------------------

  const pending = new Map();
  const REFUSALS = bare({
    '-1': () => limitError(`The script has made all the ${native.mostCalls()} tool calls it may make`,
      'Do the work in several scripts, or use a tool that does more at once.'),
    '-2': (error, tool) => toolError(error, tool, {
      name: 'ToolArguments',
      message: 'The arguments are too long (at most 4 MiB for one call and 64 MiB for all calls of a script)',
    }),
    '-3': (error, tool) => toolError(error, tool, { name: 'ToolArguments', message: 'The arguments nest too deeply' }),
    '-4': (error, tool) => toolError(error, tool, {
      name: 'ToolArguments',
      message: 'The arguments hold too many values (at most 200,000 for one call): pass them as one text, or in several calls',
    }),
    '-5': (error, tool) => toolError(error, tool, {
      name: 'ToolArguments',
      message: 'The calls without an answer hold too many values (at most 1,000,000 together): await some of them first',
    }),
  });

  // Makes the call; its number. Throws what stands in its way.
  function send(tool, given, error) {
    const shape = SHAPES[tool];
    const args = shape === undefined ? given : shape(given);
    const wrong = (message) => toolError(error, tool, { name: 'ToolArguments', message });
    if (args.length > 1) throw wrong(`${tool} takes one object with its arguments, not ${args.length} values`);
    let text;
    try {
      text = wellFormed(JSON.stringify(args[0] === undefined ? {} : args[0]));
    } catch (cause) {
      throw wrong(`The arguments of ${tool} cannot be written as JSON: ${show(cause)}`);
    }
    if (text === undefined) throw wrong(`${tool} takes one object with its arguments, not ${show(args[0])}`);
    const number = native.call(tool, text);
    if (number < 0) throw REFUSALS[number](error, tool);
    return number;
  }

  function call(tool, args, error) {
    return new Promise((resolve, reject) => {
      pending.set(send(tool, args, error), { tool, error, resolve, reject });
    });
  }

  // Hands in what came of a call: 0 its value, 1 its error, 2 what was thrown while the answer was read.
  kit.settle = (number, how, answer) => {
    const entry = pending.get(number);
    if (entry === undefined) return;
    pending.delete(number);
    if (how === 0) entry.resolve(answer);
    else entry.reject(how === 1 ? toolError(entry.error, entry.tool, answer) : answer);
  };

  // --- calls with arguments of their own --------------------------------------------------------------------------

  // An id, an object with one, or both with options behind.
  const byId = ([given, options]) => {
    const fields = given !== null && typeof given === 'object' ? given : { id: given };
    const { timeoutMs } = { ...fields, ...options };
    return [timeoutMs === undefined ? { id: fields.id } : { id: fields.id, timeoutMs }];
  };
  // A key, and a note behind it.
  const filed = (args) => (args.length === 2 && typeof args[0] === 'string' ? [{ fileKey: args[0], note: args[1] }] : args);
  const SHAPES = bare({
    saveToFC: filed,
    saveToFc: filed,
    'spawn.saveToFC': filed,
    'spawn.saveToFc': filed,
    search: (args) => (typeof args[0] === 'string' ? [{ query: args[0] }] : args),
    'spawn.status': byId,
    'spawn.result': byId,
    'spawn.wait': byId,
    'spawn.cancel': byId,
  });

  const caller = (tool) => ({ [tool]: (...args) => call(tool, args, new Error()) })[tool];

  // --- tasks ------------------------------------------------------------------------------------------------------

  // The end of a task, asked for when somebody waits for it. No promise: `await` looks at one without a word.
  // `error` has the place where the task was started: whoever waits has none of its own.
  function ending(id, started, error) {
    let asked;
    const ask = () => {
      if (asked === undefined) asked = started.then(() => call('spawn.wait', [{ id }], error));
      return asked;
    };
    return Object.freeze({
      then: (...handlers) => ask().then(...handlers),
      catch: (...handlers) => ask().catch(...handlers),
      finally: (...handlers) => ask().finally(...handlers),
    });
  }

  function starter(tool) {
    return {
      [tool]: (...args) => {
        const error = new Error();
        const number = send(tool, args, error);
        const started = new Promise((resolve, reject) => pending.set(number, { tool, error, resolve, reject }));
        // Whoever asks for the end hears of a refusal; the record of calls has it in any case.
        started.catch(() => {});
        const id = `${native.id()}.${number}`;
        const done = ending(id, started, error);
        return Object.freeze(Object.defineProperty({ id }, 'done', { get: Object.freeze(() => done) }));
      },
    }[tool];
  }

  // --- the tree ---------------------------------------------------------------------------------------------------

  const paths = new WeakMap();

  // Answers names that a namespace does not have.
  const guard = (target) => new Proxy(target, {
    get(own, key, receiver) {
      if (typeof key === 'symbol' || key === 'then' || key === 'toJSON' || Reflect.has(own, key)) {
        return Reflect.get(own, key, receiver);
      }
      const path = paths.get(receiver);
      const tool = (path === undefined || path === '' ? key : `${path}.${key}`).toWellFormed();
      const near = native.nearest(tool);
      const message = `There is no tool '${tool}'.${near === '' ? '' : ` Did you mean ${near}?`}`;
      throw toolError(new Error(), tool, { name: 'ToolNotFound', message });
    },
    set: () => false,
    setPrototypeOf: () => false,
    defineProperty: () => false,
  });
  const unknown = guard(Object.freeze(Object.create(null)));
  const unknownBelow = guard(Object.getPrototypeOf(caller));

  // Puts the tools below `path` on `node`: as functions, and namespaces as they are needed.
  function furnish(node, path, names, make) {
    const skip = path === '' ? 0 : path.length + 1;
    const below = new Map();
    const here = new Set();
    for (const name of names) {
      const dot = name.indexOf('.', skip);
      const part = dot === -1 ? name.slice(skip) : name.slice(skip, dot);
      if (dot === -1) here.add(part);
      else if (below.has(part)) below.get(part).push(name);
      else below.set(part, [name]);
    }
    const full = (part) => (path === '' ? part : `${path}.${part}`);
    for (const part of here) {
      const tool = make(full(part));
      const value = below.has(part) ? furnish(tool, full(part), below.get(part), make) : Object.freeze(tool);
      Object.defineProperty(node, part, { value, enumerable: true });
    }
    for (const [part, inside] of below) {
      if (here.has(part)) continue;
      let made;
      const get = () => {
        if (made === undefined) made = furnish(Object.create(null), full(part), inside, make);
        return made;
      };
      Object.defineProperty(node, part, { get: Object.freeze(get), enumerable: true });
    }
    paths.set(node, path);
    Object.setPrototypeOf(node, typeof node === 'function' ? unknownBelow : unknown);
    return Object.freeze(node);
  }

  kit.makeTools = () => {
    const names = JSON.parse(native.tools());
    const tasks = JSON.parse(native.tasks()).map((task) => `spawn.${task}`);
    const known = new Set(names);
    const starts = new Set(tasks.filter((task) => !known.has(task)));
    const make = (name) => (starts.has(name) ? starter(name) : caller(name));
    return furnish(Object.create(null), '', [...names, ...starts], make);
  };
})
