// expect: ToolNotFound
// calls: 0
// ---
tools.spawn.big({});
