// expect: done
// ---
Promise.reject(new Error('nobody looks'));
return 1;
