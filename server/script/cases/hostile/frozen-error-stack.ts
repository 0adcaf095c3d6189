// expect: done
// says: contained
// why: the way errors tell their place cannot be replaced
// ---
const d = Object.getOwnPropertyDescriptor(Error.prototype, 'stack');
for (const way of [
  () => Object.defineProperty(Error.prototype, 'stack', { get() { return 'stolen'; } }),
  () => Object.defineProperty(Error.prototype, 'message', { get() { return 'stolen'; } }),
  () => { (Error.prototype as any).name = 'Stolen'; },
  () => { (Error as any).stackTraceLimit = 1e9; },
]) { try { way(); } catch { continue; } }
if (new Error('x').message !== 'x' || new TypeError('x').name !== 'TypeError') throw new Error('stolen');
void d;
return 'contained';
