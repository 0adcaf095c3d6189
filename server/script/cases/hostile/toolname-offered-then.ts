// expect: done, ScriptStuck
// tools: then, toJSON, valueOf
// why: a tool called `then` makes nobody wait
// ---
const t: any = await tools;
return [typeof t, (await tools.echo({ a: 'contained' })).a];
