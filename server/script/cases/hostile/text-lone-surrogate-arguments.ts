// expect: done
// calls: 1
// ---
return await tools.echo({ a: '\ud800', '\udc00': 'x' });
