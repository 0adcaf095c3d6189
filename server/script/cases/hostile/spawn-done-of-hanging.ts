// expect: done
// says: waited
// ---
const t = tools.spawn.hang({});
return await Promise.race([t.done.then(() => 'waited', () => 'waited'), sleep(100).then(() => 'waited')]);
