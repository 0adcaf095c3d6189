// expect: ScriptSyntaxError
// ---
import fs from 'fs';
return fs;
