// expect: done
// says: 1
// calls: 1
// ---
return await tools.echo({ then: 1, toJSON: 2 });
