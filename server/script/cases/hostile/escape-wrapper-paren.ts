// expect: ScriptSyntaxError
// ---
return 1 }); (async()=>{ return 2
