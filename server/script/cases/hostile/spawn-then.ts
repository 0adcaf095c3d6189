// expect: done
// says: same
// ---
return (await tools.spawn) === tools.spawn ? 'same' : 'other';
