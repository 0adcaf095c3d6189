// expect: ScriptOutOfMemory, ScriptRuntimeError
// ---
return new ArrayBuffer(2 ** 40).byteLength;
