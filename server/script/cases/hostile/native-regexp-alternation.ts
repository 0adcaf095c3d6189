// expect: ScriptTimeout
// limits: wall=0.3
// ---
return /^(a|aa|a?)*$/.test('a'.repeat(80) + 'b');
