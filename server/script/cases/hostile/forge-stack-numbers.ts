// expect: ScriptRuntimeError
// ---
throw Object.assign(new Error('x'), { stack: 'at script.ts:4294967296:18446744073709551616\nat script.ts:0:0\nat script.ts:-1:-1\nat script.ts:1:4294967295' });
