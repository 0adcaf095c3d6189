// expect: done
// says: 2
// ---
return (() => { try { throw new Error('first'); } finally { return 2; } })();
