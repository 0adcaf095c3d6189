// expect: ScriptRuntimeError
// ---
class E extends Error { get message(): any { throw new Error('m'); } get name(): any { throw new Error('n'); } get stack(): any { throw new Error('s'); } set message(_: any) {} set name(_: any) {} set stack(_: any) {} }
throw new E();
