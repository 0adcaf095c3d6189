// expect: done
// says: first
// ---
return await { then(resolve: any, reject: any) { resolve('first'); reject(new Error('second')); resolve('third'); throw new Error('fourth'); } };
