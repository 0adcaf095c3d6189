// expect: done
// says: contained
// why: stack frames must hand out nothing but text
// ---
try { (Error as any).prepareStackTrace = (_: any, sites: any) => sites; } catch {}
try { (Error as any).captureStackTrace?.({}); } catch {}
const stack: any = new Error('x').stack;
if (typeof stack !== 'string') throw new Error(typeof stack);
return 'contained';
