// expect: ToolArguments
// calls: 0
// ---
let a: any = [];
for (let i = 0; i < 300; i++) a = [a];
await tools.echo({ a });
