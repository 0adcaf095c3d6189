// expect: done
// says: first
// limits: grace=0.1
// why: a call made once the result is there
// ---
tools.sleep({ ms: 20 }).then(() => tools.echo({ late: 1 })).then(() => tools.echo({ later: 1 }));
return 'first';
