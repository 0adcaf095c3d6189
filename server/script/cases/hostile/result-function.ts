// expect: done
// ---
return class A {};
