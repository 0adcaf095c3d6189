// expect: done, ToolFailed
// says: fine
// why: what a tool answers may nest deeper than the wire takes
// ---
const answer = await tools.deep({ depth: 5000 }).catch((e) => e.name);
return ['fine', typeof answer];
