// expect: ScriptCancelled
// cancel: 0.2
// bound: 3
// why: the call ends well after the cancel; the script is gone
// ---
return await Promise.race([tools.stubborn({}), tools.hang({}).then(() => 'went on', () => 'went on')]);
