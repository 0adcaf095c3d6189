// expect: ScriptStuck
// ---
class P extends Promise<any> { then(): any {} }
await new P((resolve) => resolve(1));
