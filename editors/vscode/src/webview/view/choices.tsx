// What the next turn is run with, and what the session has taken: model, pack, policy, how full the window is, what was spent.
// Chosen in VS Code's own lists.

import { useApp } from "../app";
import { cachedShare, modelName, money, tokens } from "../format";
import { inputTokens } from "../items";
import { contextTokens } from "../state";
import { useStore } from "../store";
import { Icon, type IconName } from "./icons";

function Choice(props: { readonly icon: IconName; readonly name: string; readonly value: string; readonly title: string; readonly onClick: () => unknown }) {
  return (
    <button
      type="button"
      class="choice"
      title={`${props.title}. Click to choose another.`}
      aria-label={`${props.name}: ${props.value}. Choose another`}
      onClick={() => void props.onClick()}
    >
      <Icon name={props.icon} />
      <span>{props.value}</span>
    </button>
  );
}

const POLICIES: Readonly<Record<string, string>> = {
  "read-only": "Looks only: no edits, no commands",
  ask: "Edits, and asks before commands that are not known to be safe",
  "auto-edit": "As ask; edits are kept at once",
  full: "Runs commands without asking, except dangerous ones",
};

/** Model, pack and policy. */
export function Choices() {
  const app = useApp();
  const choices = useStore(app.session, (state) => state.choices);
  const begun = useStore(app.session, (state) => state.turns.length > 0);
  const preset = useStore(app.page, (page) => page.preset);
  const { model = preset, pack, policy } = choices;
  return (
    <span class="choices">
      <Choice icon="model" name="Model" value={modelName(model) || "Model"} title={model || "The model of the next turn"} onClick={() => app.actions.command("glossator.model")} />
      {policy !== undefined && (
        <Choice icon="shield" name="Policy" value={policy} title={POLICIES[policy] ?? policy} onClick={() => app.actions.command("glossator.policy")} />
      )}
      {pack !== undefined && (!begun || pack !== "core") && (
        <Choice icon="tools" name="Pack" value={pack} title={`Tools: the pack ${pack}`} onClick={() => app.actions.command("glossator.pack")} />
      )}
    </span>
  );
}

/** How full the window is, and what the session has taken. */
export function UsageLine() {
  const app = useApp();
  const context = useStore(app.session, contextTokens);
  const window = useStore(app.page, (page) => page.window);
  const usage = useStore(app.page, (page) => page.usage);
  const session = usage?.session;
  if (context === 0 && session === undefined) return null;
  const share = window > 0 ? Math.min(100, Math.round((100 * context) / window)) : 0;
  const cached = cachedShare(session?.usage);
  const spent = session === undefined ? 0 : inputTokens(session.usage) + session.usage.output;
  const budgets = usage?.budgets ?? [];
  const facts = [
    spent > 0 ? `${tokens(spent)} tokens${cached > 0 ? `, ${cached}% cached` : ""}` : "",
    money(session?.cost),
    ...budgets.map(({ key, limit, left }) => `${key}: ${budget(key, left)} of ${budget(key, limit)} left`),
  ].filter((fact) => fact !== "");
  return (
    <div class="usage">
      {context > 0 && (
        <span class="window" title={window > 0 ? `The latest request filled ${share}% of the model's window` : "Tokens of the latest request"}>
          {window > 0 && (
            <span class={`meter${share >= 80 ? " full" : ""}`} aria-hidden="true">
              <span style={{ width: `${share}%` }} />
            </span>
          )}
          <span>
            {tokens(context)}
            {window > 0 && ` / ${tokens(window)}`}
            <span class="sr"> tokens</span>
            <span class={window > 0 ? "sr" : ""}> of context</span>
          </span>
        </span>
      )}
      <span class="facts" title="What this session has taken">
        {facts.join(" · ")}
      </span>
    </div>
  );
}

function budget(key: string, value: number): string {
  return key.endsWith("usd") ? money({ microUsd: value } as never) : tokens(value);
}
