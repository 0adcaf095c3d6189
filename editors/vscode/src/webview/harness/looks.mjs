// How the page is for eyes, keyboards and screen readers: names, focus, order, what is said, widths, contrast.
import { running } from "./checks.mjs";
import { COMMAND, completed, EDIT, QUESTION, SELECTION, SHOWN, updates } from "./scenes.mjs";

export const LOOKS = [
  ["every control has a name, and Tab goes from top to bottom", {}, async (page, tools) => {
    const { say, ok } = tools;
    await running(tools);
    await say({ type: "surroundings", now: { asks: [COMMAND, EDIT, QUESTION], selection: SELECTION } });
    const nameless = await page.locator("button, input, textarea, a, [role=option]").evaluateAll((all) => all.filter((one) => !(one.getAttribute("aria-label") || one.textContent.trim() || one.closest("label")?.textContent.trim())).map((one) => one.outerHTML.slice(0, 120)));
    ok(nameless.length === 0, `without a name: ${nameless.join(" ")}`);
    const ids = await page.locator("[id]").evaluateAll((all) => all.map((one) => one.id));
    ok(new Set(ids).size === ids.length, "ids are unique");
    const tops = [];
    for (let at = 0; at < 200; at += 1) {
      await page.keyboard.press("Tab");
      const where = await page.evaluate(() => {
        const element = document.activeElement;
        if (element === document.body) return null;
        const group = element.closest(".head, .transcript, .asks, .composer, .docked");
        return group?.className.split(" ")[0] ?? "";
      });
      if (where === null) break;
      if (tops.at(-1) !== where) tops.push(where);
    }
    const order = tops.filter((one) => ["head", "transcript", "asks", "composer"].includes(one));
    ok(order.join(" ").startsWith("head transcript asks composer"), `the order is ${order.join(" ")}`);
  }],
  ["focus is seen on every control", {}, async (page, { say, ok }) => {
    await say(SHOWN);
    const blind = [];
    for (let at = 0; at < 25; at += 1) {
      await page.keyboard.press("Tab");
      const seen = await page.evaluate(() => {
        const element = document.activeElement;
        if (element === document.body || element.matches("textarea")) return "";
        return getComputedStyle(element).outlineStyle === "none" ? element.outerHTML.slice(0, 80) : "";
      });
      if (seen !== "") blind.push(seen);
    }
    ok(blind.length === 0, `focus is not seen on ${blind.join(" ")}`);
  }],
  ["changes of state are said politely, and answers are not read out as they come", {}, async (page, tools) => {
    const { say, ok, equal } = tools;
    await running(tools);
    const live = page.locator("[aria-live]");
    equal(await live.getAttribute("aria-live"), "polite", "politeness");
    equal(await live.innerText(), "T-4 started", "what is said");
    await say(updates("T-4", { kind: "itemDelta", stream: "answer", text: "words" }));
    equal(await live.innerText(), "T-4 started", "what is said while it is written");
    await say({ type: "surroundings", now: { asks: [COMMAND] } });
    ok((await live.innerText()).startsWith("Glossator asks: Allow exec cargo"), "questions are said");
    equal(await page.locator(".transcript").getAttribute("role"), "region", "the transcript is no log");
  }],
  ["nothing moves for whoever wants that", { reduced: true }, async (page, tools) => {
    const { ok } = tools;
    await running(tools);
    const moving = await page.locator("*").evaluateAll((all) => all.filter((one) => getComputedStyle(one).animationName !== "none").length);
    ok(moving === 0, `${moving} elements move`);
  }],
  ...[180, 250, 1400].map((width) => [
    `nothing is wider than the page at ${width} pixels`, { width, height: 500 }, async (page, tools) => {
      const { say, ok } = tools;
      await running(tools);
      await say(updates("T-4", completed("T-4", "answer", { text: `${"x".repeat(500)}\n\n\`${"y".repeat(500)}\`\n\n|${"a|".repeat(30)}\n|${"-|".repeat(30)}\n\n${"[l](https://a.example/x) ".repeat(20)}` })));
      await say({ type: "surroundings", now: { asks: [COMMAND, EDIT], selection: SELECTION } });
      const wide = await page.evaluate(() => [document.documentElement.scrollWidth - innerWidth, ...[...document.querySelectorAll(".transcript, .asks, .dock")].map((one) => one.scrollWidth - one.clientWidth)]);
      ok(wide.every((more) => more <= 0), `wider by ${wide.join(", ")}: ${await page.evaluate(() => [...document.querySelectorAll(".dock *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && getComputedStyle(one.parentElement).overflow === "visible").map((one) => one.className || one.tagName).join(" "))}`);
      ok(await page.locator("textarea").isVisible(), "the prompt is seen");
    },
  ]),
  ...["dark", "light", "hc-dark", "hc-light"].map((theme) => [
    `words can be read in ${theme}`, { theme }, async (page, tools) => {
      const { say, ok } = tools;
      await running(tools);
      await say({ type: "surroundings", now: { asks: [COMMAND], selection: SELECTION } });
      const poor = await page.evaluate(contrasts);
      ok(poor.length === 0, `too little contrast: ${poor.join("; ")}`);
    },
  ]),
];

/** Runs in the page: texts whose contrast with what is behind them is below 4.5 (3 where they are disabled or mere hints). */
function contrasts() {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  const solid = (layers) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const layer of layers) {
      canvas.fillStyle = layer;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (color) => {
    const [red, green, blue] = color.map((one) => one / 255).map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() === "" || element.closest(".sr, :disabled, .working, style, script")) continue;
    const chain = [];
    let opacity = 1;
    for (let at = element; at !== null; at = at.parentElement) {
      chain.unshift(getComputedStyle(at).backgroundColor);
      opacity *= Number(getComputedStyle(at).opacity);
    }
    const back = solid(chain);
    const front = solid([...chain, getComputedStyle(element).color]);
    const [one, other] = [light(front), light(back)].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < 4.5 || opacity < 0.7) poor.push(`${walker.currentNode.data.trim().slice(0, 30)} (${element.className || element.tagName} ${ratio.toFixed(1)})`);
  }
  return poor;
}
