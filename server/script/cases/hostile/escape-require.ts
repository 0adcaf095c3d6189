// expect: ScriptRuntimeError
// says: no modules
// ---
return require('fs');
