// expect: done
// says: contained
// ---
for (const bad of ['a', '====', 'a=bc', '\0', 'é', 'ab\ud800', '!!!!'] ) { try { atob(bad); } catch { continue; } throw new Error(JSON.stringify(bad)); }
try { btoa('日本'); } catch { return 'contained'; }
return 'taken';
