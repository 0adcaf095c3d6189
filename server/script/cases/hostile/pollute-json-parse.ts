// expect: done
// says: contained
// ---
const o = JSON.parse('{"__proto__": {"polluted": 1}}');
if (({} as any).polluted !== undefined) throw new Error('polluted');
const copy = Object.assign({}, o);
if (({} as any).polluted !== undefined) throw new Error('polluted by assign');
return 'contained';
