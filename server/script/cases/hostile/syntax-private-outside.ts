// expect: ScriptSyntaxError
// ---
return ({} as any).#secret;
