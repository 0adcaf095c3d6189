// expect: done, ToolArguments
// ---
return await tools.echo({ [Symbol('a')]: 1, a: Symbol('b') } as any);
