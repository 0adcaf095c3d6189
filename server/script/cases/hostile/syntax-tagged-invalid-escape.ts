// expect: done
// says: contained
// ---
const tag = (parts: any) => (parts[0] === undefined && typeof parts.raw[0] === 'string' && Object.isFrozen(parts) ? 'contained' : 'other');
return tag`\unicode and \xerxes`;
