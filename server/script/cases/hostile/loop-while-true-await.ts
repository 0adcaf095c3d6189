// expect: ScriptTimeout
// why: every turn of the loop goes through the job queue
// ---
while (true) await null;
