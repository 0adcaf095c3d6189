// expect: ToolArguments
// says: at most 200,000
// limits: memory=96, cpu=4, wall=8
// why: two bytes of text are a value of many more in the host
// ---
const a = new Array(1000000).fill(0);
const all = [];
for (let i = 0; i < 16; i++) all.push(tools.hang({}));
for (let i = 0; i < 16; i++) all.push(tools.echo({ a }));
await Promise.all(all);
