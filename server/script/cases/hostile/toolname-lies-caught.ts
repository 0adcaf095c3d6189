// expect: done
// says: ToolFailed
// ---
const e: any = await tools.lie({}).catch((e) => e);
return [e.name, e instanceof Error, typeof e.stack, ({} as any).x === undefined];
