// expect: done
// ---
for (let i = 0; i < 20000; i++) context.progress('at ' + i);
context.progress({ get a() { throw 1; } } as any);
return 1;
