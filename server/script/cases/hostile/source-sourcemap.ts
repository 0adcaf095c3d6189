// expect: done
// ---
return 1;
//# sourceMappingURL=/etc/passwd
//# sourceURL=/etc/passwd
