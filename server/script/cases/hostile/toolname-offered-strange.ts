// expect: done
// tools: with space, ünï.cödé, a..b, .lead, trail., 123.456, echo.more, "quoted", ${x}
// says: contained
// ---
return (await tools.echo({ a: 'contained' })).a;
