// expect: done
// says: contained
// why: awaiting the tools themselves is harmless
// ---
const same = await tools;
return same === tools ? 'contained' : 'other';
