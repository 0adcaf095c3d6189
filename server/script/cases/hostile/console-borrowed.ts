// expect: done
// says: contained
// ---
const { log } = console;
log.call(null, 'x'); log.apply({}, ['y']); [1].forEach(log);
try { new (console.log as any)('z'); } catch {}
return 'contained';
