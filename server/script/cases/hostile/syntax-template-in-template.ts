// expect: ScriptSyntaxError
// ---
return `a ${ `b ${ 1 } ` ;
