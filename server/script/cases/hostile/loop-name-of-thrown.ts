// expect: ScriptTimeout
// ---
throw Object.assign(new Error('x'), { get name() { return 'x' } }, { toJSON() { for (;;) {} } }) && { get [Symbol.toStringTag]() { for (;;) {} }, get name() { for (;;) {} }, get message() { for (;;) {} } };
