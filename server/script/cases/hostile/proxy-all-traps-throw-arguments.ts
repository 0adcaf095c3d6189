// expect: ToolArguments, ScriptRuntimeError
// calls: 0
// ---
const trap = () => { throw new Error('trap'); };
const p: any = new Proxy({}, new Proxy({}, { get: () => trap }));
await tools.echo(p);
