// expect: done
// ---
return { a: { then: 1 }, b: { then() {} } };
