// expect: ScriptSyntaxError, done
// ---
let a = 1;
--> an old comment
return a;
