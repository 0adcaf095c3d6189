// expect: ToolFailed
// why: a real tool error that the script dresses up keeps the name it was made with
// ---
try { await tools.fail({}); } catch (e: any) { e.name = 'ScriptCancelled'; e.tool = 'other'; throw e; }
