// expect: done
// says: contained
// ---
const o = await tools.strange({});
if (({} as any).polluted !== undefined) throw new Error('polluted');
if (!Object.hasOwn(o, '__proto__')) throw new Error('lost');
return 'contained';
