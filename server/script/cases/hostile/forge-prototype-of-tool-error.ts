// expect: ScriptRuntimeError, ToolFailed
// ---
const e: any = await tools.fail({}).catch((e) => e);
throw Object.create(e);
