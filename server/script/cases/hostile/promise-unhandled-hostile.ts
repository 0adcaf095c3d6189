// expect: done
// why: what nobody handled is told, and must not harm who tells it
// ---
Promise.reject(new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; }, ownKeys() { throw 3; } }));
Promise.reject({ get message() { throw 1; }, toJSON() { throw 2; } });
Promise.reject(Object.defineProperty(new Error('x'), 'stack', { value: { toString() { throw 1; } } }));
Promise.reject(Object.defineProperty(new Error('x'), 'name', { get() { throw 1; } }));
Promise.reject(null); Promise.reject(undefined); Promise.reject(Symbol('x'));
return 1;
