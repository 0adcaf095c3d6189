// expect: ToolNotFound
// ---
const found = (tools as any).__proto__;
if (found !== undefined && found !== null && typeof found !== 'object') throw new Error(typeof found);
return 'contained';
