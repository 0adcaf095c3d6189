// expect: done
// ---
console.log('\ud800', ['\udc00']);
context.progress('\ud800');
return 1;
