// expect: done
// says: contained
// why: a mark on the global object must not be seen by a later script
// ---
if ((globalThis as any).mark !== undefined) throw new Error('seen');
(globalThis as any).mark = 1;
return 'contained';
