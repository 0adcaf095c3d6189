// expect: ToolArguments
// says: at most 1,000,000
// limits: memory=96, cpu=4, wall=8
// why: each call is small enough, all that wait are not
// ---
const a = new Array(190000).fill(0);
const all = [];
for (let i = 0; i < 200; i++) all.push(tools.hang({ a }));
await Promise.all(all);
