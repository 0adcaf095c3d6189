// expect: ScriptTimeout
// limits: wall=0.3
// ---
return /(a+)+$/.test('a'.repeat(60) + 'b');
