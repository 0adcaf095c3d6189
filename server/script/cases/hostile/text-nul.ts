// expect: done
// calls: 1
// ---
return [await tools.echo({ 'a\0b': '\0' }), '\0'.repeat(1000)];
