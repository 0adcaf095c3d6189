// expect: done
// says: went on
// ---
const trap = () => { throw new Error('trap'); };
const p: any = new Proxy({}, new Proxy({}, { get: () => trap }));
for (const level of ['log', 'info', 'warn', 'error'] as const) console[level](p, [p], { p });
return 'went on';
