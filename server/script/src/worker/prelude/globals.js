// What scripts see, and the run itself. The last part: everything is frozen here.
(function (native, kit) {
  'use strict';
  const { JSON, Map, Math, Number, Object, Promise, TypeError } = globalThis;
  const { bare, cut, json, limitError, show } = kit;

  function expose(name, value) {
    Object.defineProperty(globalThis, name, { value, writable: false, enumerable: true, configurable: false });
  }

  // A value that is made when a script first looks at it: most scripts do not look at all of them.
  function exposeLater(name, make) {
    let made;
    const get = () => {
      if (made === undefined) made = make();
      return made;
    };
    Object.defineProperty(globalThis, name, { get, enumerable: true, configurable: false });
  }

  // --- sleep ------------------------------------------------------------------------------------------------------

  const sleepers = new Map();

  const sleep = (ms) => new Promise((resolve) => {
    const wanted = Number(ms);
    sleepers.set(native.sleep(wanted > 0 ? Math.min(wanted, 1e9) : 0), resolve);
  });

  kit.wake = (id) => {
    const resolve = sleepers.get(id);
    sleepers.delete(id);
    if (resolve) resolve();
  };

  // --- console ----------------------------------------------------------------------------------------------------

  const LEVELS = [['log', 'log'], ['debug', 'log'], ['dir', 'log'], ['table', 'log'], ['trace', 'log'],
    ['info', 'info'], ['warn', 'warn'], ['error', 'error']];
  const speak = (level) => (...values) => {
    native.console(level, cut(values.map(show).join(' '), 2000));
  };

  // --- store ------------------------------------------------------------------------------------------------------

  const MOST_KEY = 1000;
  const SMALLER = 'Keep small facts in store; return long texts, or write them to a file.';

  function checked(key) {
    if (typeof key !== 'string') throw new TypeError(`A key of store is a string, not ${show(key)}`);
    if (key.length > MOST_KEY) throw limitError(`A key of store has at most ${MOST_KEY} characters`, SMALLER);
    return key.toWellFormed();
  }

  const store = {
    get(key) {
      const text = native.stored(checked(key));
      return typeof text === 'string' ? JSON.parse(text) : undefined;
    },
    set(key, value) {
      const name = checked(key);
      const text = json(value);
      if (text === undefined) throw new TypeError('store.set takes a value; store.delete takes one away');
      const refusal = native.store(name, text);
      if (refusal !== '') throw limitError(refusal, SMALLER);
    },
    delete(key) {
      const refusal = native.unstore(checked(key));
      if (refusal.length > 1) throw limitError(refusal, SMALLER);
      return refusal === '';
    },
    keys: () => JSON.parse(native.storedKeys()),
  };

  // --- context ----------------------------------------------------------------------------------------------------

  function freezeTree(value) {
    if (value !== null && typeof value === 'object') Object.values(Object.freeze(value)).forEach(freezeTree);
    return value;
  }

  function makeContext() {
    const given = JSON.parse(native.context());
    const seen = given !== null && typeof given === 'object' ? given : {};
    const progress = Object.freeze((text) => native.progress(cut(show(text), 500)));
    Object.defineProperty(seen, 'progress', { value: progress, enumerable: true });
    return freezeTree(seen);
  }

  // --- the run ----------------------------------------------------------------------------------------------------

  kit.start = async (main) => {
    let text;
    try {
      text = json(await main());
    } catch (error) {
      native.fail(kit.describe(error));
      return;
    }
    native.done(text === undefined ? 'null' : text);
  };

  exposeLater('tools', kit.makeTools);
  exposeLater('context', makeContext);
  expose('console', bare(Object.fromEntries(LEVELS.map(([name, level]) => [name, speak(level)]))));
  expose('store', store);
  expose('sleep', sleep);
  expose('structuredClone', kit.structuredClone);
  expose('URL', kit.URL);
  expose('URLSearchParams', kit.URLSearchParams);
  expose('TextEncoder', kit.TextEncoder);
  expose('TextDecoder', kit.TextDecoder);
  kit.harden();
})
