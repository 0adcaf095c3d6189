// expect: done
// says: no function
// why: an answer with a `then` of its own is data
// ---
const r: any = await tools.strange({});
return r.then;
