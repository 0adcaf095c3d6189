// expect: ScriptSyntaxError, done
// ---
let x: ⟦9000 × [⟧1⟦9000 × ]⟧;
return 1;
