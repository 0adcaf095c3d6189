// expect: done
// limits: result=1000
// ---
return '"\u{1f600}\\\n'.repeat(10000);
