// expect: done
// says: contained
// why: what builds a namespace when it is first looked at cannot be marked
// ---
const get: any = Object.getOwnPropertyDescriptor(tools, 'agents')?.get;
const done: any = Object.getOwnPropertyDescriptor(tools.spawn.echo({}), 'done')?.get;
for (const f of [get, done]) { if (f === undefined) continue; try { f.mark = 1; } catch { continue; } throw new Error('marked'); }
return 'contained';
