// The first run: no key, no model, no settings. What to do is said, and once it is done everything goes on without a restart.
import { say } from "./model.mjs";
import { becomes, check, eventually, part } from "./tap.mjs";
import * as code from "./world.mjs";

await code.start({ settings: false, key: false, files: { "poem.txt": "one\n" } });
await code.open("poem.txt");

/** The first steps of the walkthrough that VS Code has ticked. */
const ticked = async () => {
  const names = await code.page.locator(".getting-started-step:has(.codicon-getting-started-step-checked)").evaluateAll((all) => all.map((one) => one.dataset.stepId.split("#").at(-1)));
  return names.filter((name) => ["program", "models", "model"].includes(name));
};

await part("what is to be done is said", async () => {
  await code.told("once, in a notification", "It needs to know how models are reached", "Sign In");
  await eventually("in the status bar", async () => (await code.bar()).includes("set up"), code.bar);
  await code.command("glossator.chat");
  await code.shows("and in the chat", "Sign In…");
  await code.command("glossator.ask", { text: "Hello" });
  await code.told("a prompt is refused, with what helps", "No model is chosen", "Choose Model…", "Sign In…");
  const refused = code.page.locator(".notifications-toasts .notification-list-item").filter({ hasText: "No model is chosen" });
  await check("in words, without ids of commands", !/glossator[. ]/.test(await refused.innerText()), () => refused.innerText());
  await becomes("and is kept in the chat", async () => (await code.chat()).locator("textarea").inputValue(), "Hello");
  await (await code.chat()).locator("textarea").press("Enter");
  await eventually("sent there it is refused there", async () => (await (await code.chat()).getByRole("alert").innerText()).includes("No model is chosen"));
  const offered = (await code.chat()).getByRole("alert").locator("button");
  await becomes("with the same ways", async () => (await offered.allInnerTexts()).slice(0, 2).sort(), ["Choose Model…", "Sign In…"]);
  await (await code.chat()).locator("textarea").fill("");
  await refused.getByText("Sign In…").click();
  await eventually("the notification's button lists the ways", async () => (await code.page.locator(".quick-input-list").innerText()).includes("needs a key"));
  await code.page.keyboard.press("Escape");
});

await part("the walkthrough ticks what is done", async () => {
  await code.command("glossator.walkthrough");
  await becomes("the program runs, and no model can be asked", ticked, ["program"]);
});

await part("a provider, a model and a key", async () => {
  const providers = { scripted: { wire: "messages", base_url: code.modelUrl(), key_env: "SCRIPTED_KEY" } };
  await code.set("providers", providers);
  await code.set("model", "scripted/any-model");
  await becomes("the chat names the model before there is a session", async () => (await code.chat()).locator(".choice").first().innerText(), "any-model");
  await code.command("glossator.ask", { text: "Hello" });
  const refused = code.page.locator(".notifications-toasts .notification-list-item").filter({ hasText: "key for scripted" });
  await eventually("without the key a prompt is refused", async () => (await refused.count()) === 1, code.notices);
  await refused.getByText("Sign In…").click();
  await code.page.locator(".quick-input-widget input[type=password]").waitFor();
  await code.enter("test-key-1");
  await code.told("the key is stored", "scripted");
  await eventually("the status bar says no more that something is to be set up", async () => !(await code.bar()).includes("set up"), code.bar);
  await becomes("and the walkthrough has the next steps ticked", ticked, ["program", "models", "model"]);
  say("Said **with a key**.");
  await code.command("glossator.ask", { text: "Hello again" });
  await code.shows("the next prompt is answered", "Said with a key.");
  await check("the key is in no settings", !(await code.vs((vscode) => JSON.stringify(vscode.workspace.getConfiguration("glossator")))).includes("test-key-1"));
  await check("and in no log", code.logged("test-key-1") === 0);
});

await part("another model, from the list", async () => {
  await code.begin("glossator.model");
  await code.pick("scripted/other-model");
  await becomes("the chat names it", async () => (await code.chat()).locator(".choice").first().innerText(), "other-model");
});

await code.finish();
