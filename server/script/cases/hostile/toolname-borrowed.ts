// expect: done
// says: contained
// calls: 1
// why: a tool called with another `this`, by apply, bind and new
// ---
const f = tools.echo.bind({ evil: 1 } as any);
const a = await f({ a: 'contained' });
try { new (tools.echo as any)({}); throw new Error('constructed'); } catch (e: any) { if (e.message === 'constructed') throw e; }
return a.a;
