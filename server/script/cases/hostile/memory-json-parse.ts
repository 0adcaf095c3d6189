// expect: ScriptOutOfMemory, ScriptRuntimeError, ScriptTimeout
// ---
return JSON.parse('[' + '[],'.repeat(2e6) + '[]]').length;
