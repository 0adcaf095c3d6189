// expect: done, ScriptTimeout
// why: a comparison without an order; the sort ends all the same
// ---
return new Array(2000).fill(0).map((_, i) => i).sort(() => Math.random() - 0.5).length;
