// expect: done
// says: contained
// store: {"__proto__": {"polluted": 1}, "constructor": 2, "toString": 3}
// ---
for (const key of ['__proto__', 'constructor', 'prototype', 'then', '', '\0', '\ud800']) { store.set(key, { polluted: 1 }); store.get(key); store.delete(key); }
if (({} as any).polluted !== undefined) throw new Error('polluted');
if (store.get('hasOwnProperty') !== undefined || store.get('valueOf') !== undefined) throw new Error('inherited');
return 'contained';
