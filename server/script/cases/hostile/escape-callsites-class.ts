// expect: done
// says: contained
// ---
class E extends Error { static prepareStackTrace(_: any, sites: any) { return sites; } }
let stack: any = new E('x').stack;
if (typeof stack !== 'string') throw new Error(typeof stack);
const o: any = {};
try { Error.captureStackTrace(o); stack = o.stack; } catch {}
if (typeof stack !== 'string') throw new Error(typeof stack);
return 'contained';
