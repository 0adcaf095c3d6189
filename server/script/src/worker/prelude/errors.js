// Errors of ours, and what the worker is told of any error.
(function (native, kit) {
  'use strict';
  const { Error, InternalError, JSON, Map, Object, RangeError, String, SyntaxError, WeakMap } = globalThis;
  const { bare, cut, show } = kit;

  // Errors of ours, with the name of the catalogue they had when they were made.
  const ours = new WeakMap();

  function dress(error, fields, hint) {
    for (const key of Object.keys(fields)) {
      const hidden = key === 'name' || key === 'message';
      Object.defineProperty(error, key, {
        value: fields[key], writable: true, enumerable: !hidden, configurable: true,
      });
    }
    ours.set(error, { name: fields.name, tool: fields.tool, hint });
    return error;
  }

  kit.limitError = (message, hint) => dress(new Error(), { name: 'ScriptLimit', message }, hint);

  kit.toolError = (error, tool, failure) => {
    const details = failure.details === null ? undefined : failure.details;
    const code = details && details.code !== undefined ? details.code : failure.name;
    const { name, message, retryable } = failure;
    return dress(error, { name, message, tool, code, retryable: retryable === true, details });
  };

  // The classes of errors that the engine throws itself when a bound of its own is met.
  const ENGINE = new Map([InternalError, RangeError, SyntaxError].map((each) => [each.prototype, each.name]));

  // What the worker needs to report an error; never throws.
  kit.describe = (error) => {
    const report = bare({
      name: '', message: '', stack: '', known: '', made: '', tool: null, hint: null, isNull: error === null,
    });
    try {
      if (error instanceof Error) {
        report.name = cut(String(error.name), 200);
        report.message = cut(String(error.message), 4000);
        report.stack = cut(String(error.stack), 8000);
        report.made = ENGINE.get(Object.getPrototypeOf(error)) ?? '';
        const known = ours.get(error);
        if (known) {
          report.known = known.name;
          if (known.tool !== undefined) report.tool = known.tool;
          if (known.hint !== undefined) report.hint = known.hint;
        }
      } else {
        report.message = cut(`the script threw ${show(error)}`, 4000);
      }
    } catch {
      report.message = 'the script threw a value that cannot be shown';
    }
    return kit.wellFormed(JSON.stringify(report));
  };

  // Rejections that nobody has handled yet.
  const rejections = new Map();

  kit.track = (promise, reason, handled) => {
    if (handled) rejections.delete(promise);
    else rejections.set(promise, reason);
  };

  kit.unhandled = () => `[${[...rejections.values()].slice(0, 20).map(kit.describe).join()}]`;
})
