// expect: done
// why: what looks like the worker's own words is data
// ---
return { done: { value: 1, error: null }, settled: true };
