// expect: done, ScriptSyntaxError
// ---
'use strict'; 'use asm';
return 1;
