// expect: ToolNotFound
// says: There is no tool
// ---
try { (tools as any)['\udfff'](); } catch (e) { throw e; }
