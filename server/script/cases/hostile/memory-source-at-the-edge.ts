// expect: ScriptOutOfMemory, done
// why: a long script in the smallest heap
// limits: memory=2
// ---
const big = [⟦2400 × {a:[1]},⟧ 0];
return big.length;
