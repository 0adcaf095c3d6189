// expect: done
// says: contained
// ---
if (typeof URL === 'undefined') return 'contained';
for (const text of ['', '//', 'http://[', 'http://a:99999', 'x'.repeat(100000), 'http://\ud800', 'data:' + 'a'.repeat(100000), 'http://a/%zz', '\0']) { try { String(new URL(text)); } catch (e) { if (!(e instanceof Error)) throw e; } }
return 'contained';
