// expect: done, ScriptRuntimeError
// ---
console.log(...new Array(10000).fill('x'));
return 1;
