// expect: ScriptSyntaxError
// ---
`
