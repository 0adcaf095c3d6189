// expect: done
// ---
return Array.from({ length: 32 }, (_, i) => String.fromCharCode(i)).join('') + '\x7f\x9b\u202e\u2066\ufeff\uffff';
