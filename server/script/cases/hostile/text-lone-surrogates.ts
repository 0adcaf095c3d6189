// expect: done
// ---
return ['\ud800', '\udc00\ud800', { '\udfff': '\ud83d' }];
