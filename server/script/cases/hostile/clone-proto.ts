// expect: done
// says: contained
// ---
const b: any = structuredClone(JSON.parse('{"__proto__": {"polluted": 1}}'));
if (({} as any).polluted !== undefined || b.polluted !== undefined && !Object.hasOwn(b, '__proto__')) throw new Error('polluted');
return 'contained';
