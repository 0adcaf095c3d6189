// expect: done
// says: 1
// ---
const p = new Promise((resolve, reject) => { resolve(1); resolve(2); reject(new Error('x')); });
return await p;
