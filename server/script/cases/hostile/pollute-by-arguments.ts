// expect: done
// says: contained
// ---
const back = await tools.echo(JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": 1}}'));
if (({} as any).polluted !== undefined || (back as any).polluted !== undefined) throw new Error('polluted');
return 'contained';
