// expect: done
// says: 1
// ---
for (let i = 0; i < 20; i++) tools.spawn.fail({ i });
return 1;
