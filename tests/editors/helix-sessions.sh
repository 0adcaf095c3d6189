# Sessions in a real Helix, by keys: listed and gone on with, compacted, shown as they were sent, closed in mid-turn and opened
# again, a core that was killed. helix.sh runs it.
set -euo pipefail
. "$(dirname "$0")/helix-tap.sh"
printf 'line 1\nline 2\nline 3, unsaved\n' >"$work/poem.txt"

hand_over="## Goal\\nThe user wants to be told of parsers and lexers.\\n\\n## State\\nTold of both; nothing failed until now.\\n\\n## Findings\\nThe poem stands in poem.txt:1.\\n\\n## Agreements\\nNone.\\n\\n## Next\\nGo on."
call() { printf '<tool-calls>\\n%s\\n</tool-calls>' "$1"; }
patch="await tools.applyPatch({ patch: \`*** Begin Patch\\n*** Update File: poem.txt\\n@@\\n-line 2\\n+LINE 2\\n*** End Patch\` });"
touch() { printf 'await tools.exec({ command: [\\"touch\\", \\"%s\\"] });' "$dir/$1"; }
cat >"$dir/replies.json" <<JSON
{"replies": [
  "Said of parsers.", "Said of lexers.", "Said more of parsers.", "$hand_over",
  "$(call "$(touch asked)$patch")", "Said to who came back.",
  "$(call "$(touch never)")"
]}
JSON

sessions() { (($(find "$dir/state" -name log.jsonl | wc -l) == $1)); }
# The number of lines of the log that holds the second text which hold the first.
of_session() { (($(grep -hF -- "$2" "$(grep -rlF --include=log.jsonl -- "$3" "$dir/state" | head -n 1)" | wc -l) >= $1)); }
# Leaves whatever document is shown for the file.
back() { colon 'o poem.txt'; }
reopen() {
  colon 'qa!'
  expect "Helix ends" bash -c '! tmux -L editor has-session -t hx'
  start_helix
  expect "and is opened again" on_screen "line 1"
}

start_model
start_helix
expect "Helix shows the file" on_screen "line 1"
expect "the other server marks it" on_screen "● 1"
ask "tell me of parsers"
expect "a first session" on_screen "Said of parsers."
escape
typed ' lN'
ask "tell me of lexers"
expect "a second session" on_screen "Said of lexers."
expect "there are two" sessions 2

# The list.
colon 'lsp-workspace-command glossator.sessions'
expect "the list of sessions opens" on_screen "# Sessions"
expect "with both" bash -c "tmux -L editor capture-pane -p -t hx | grep -c ' 1 turn, sc' | grep -qx 2"
expect "and says which is this one" on_screen ", this one,"
escape
typed '6G'
action 'Resume this session' helix-sessions-actions
expect "a code action goes on with the older one" on_screen "Glossator goes on with"
back
ask "and more of parsers"
expect "the next prompt goes there" on_screen "Said more of parsers."
expect "and begins no session" sessions 2
expect "but is a second turn" in_log 1 '"T-2"'

# Compaction, and what is sent.
colon 'lsp-workspace-command glossator.compact'
expect "the session is compacted" in_log 1 '"kind":"compaction"'
colon 'lsp-workspace-command glossator.context'
expect "what was sent is shown" on_screen "context.md"
shot helix-context
back

# Closed in mid-turn.
ask "patch the poem"
offered 'Glossator: Allow'
escape
reopen
action 'Glossator: Allow'
expect "the open question can be answered" test -e "$dir/asked"
expect "the turn goes on, in the new Helix" on_screen "LINE 2"
expect "with a hint" hinted "2"
expect "to its end" on_screen "Said to who came back."
expect "in the same session" sessions 2
expect "and does not write the file" disk_is "$(printf 'line 1\nline 2\nline 3, unsaved')"

# The core is killed in mid-turn.
ask "ask again"
offered 'Glossator: Allow'
escape
kill -9 "$(core)"
colon 'lsp-restart'
colon 'lsp-workspace-command glossator.resume'
# Helix after 25.07 has dialogs, in which the newest session is the first.
offered_or_resumed() { on_screen "which session is to be gone on with" || on_screen "was interrupted"; }
expect "the session can be gone on with" offered_or_resumed
on_screen "was interrupted" || keys Enter
expect "it is gone on with" on_screen "was interrupted"
shot helix-resumed
expect "its hunk is still there" hinted "2"
expect "and nothing was run" test ! -e "$dir/never"
colon 'qa!'
expect "Helix ends at last" bash -c '! tmux -L editor has-session -t hx'
echo "1..$count"
