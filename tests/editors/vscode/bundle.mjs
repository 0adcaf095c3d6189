// A package for one platform: the program that is in it is the one that is started, wherever others lie.
import { say } from "./model.mjs";
import { check, part } from "./tap.mjs";
import * as code from "./world.mjs";

await code.start({ path: "", files: { "poem.txt": "one\n" } });

await part("the program of the package", async () => {
  say("Said by the program of the package.");
  await code.command("glossator.ask", { text: "Hello" });
  await code.shows("a turn runs", "Said by the program of the package.");
  // vscode.sh has put a program there that says so.
  await check("with that program", code.exists("../state/started-from-the-package"));
});

await code.finish();
