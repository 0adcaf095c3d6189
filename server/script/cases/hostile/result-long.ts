// expect: done
// limits: result=1000
// ---
return 'x'.repeat(100000);
