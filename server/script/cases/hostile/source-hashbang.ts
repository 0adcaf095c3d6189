// expect: ScriptSyntaxError, done
// ---
#!/usr/bin/env node
return 1;
