// expect: ScriptSyntaxError
// ---
return <div>{tools}</div>;
