// expect: ScriptSyntaxError
// ---
return 1;
</tool-calls>
