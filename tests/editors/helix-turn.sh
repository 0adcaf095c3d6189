# A whole turn in a real Helix: typed but unsaved text is patched, an ask is answered, undo works. helix.sh runs it.
set -euo pipefail
. "$(dirname "$0")/helix-tap.sh"
printf 'first line\na saved line\nlast line\n' >"$work/poem.txt"

cat >"$dir/replies.json" <<'JSON'
{"replies": [
  "I will do it.\n\n<tool-calls>\nconst poem = await tools.readFile({ path: \"poem.txt\" });\nif (!poem.text.includes(\"an unsaved line\")) throw new Error(\"unsaved text is not seen: \" + poem.text);\nreturn await tools.applyPatch({ patch: `*** Begin Patch\n*** Update File: poem.txt\n@@\n-an unsaved line\n+a line by the agent\n*** End Patch` });\n</tool-calls>",
  "Said the model.",
  "<tool-calls>\nreturn (await tools.exec({ command: [\"touch\", \"ran.txt\"] })).exitCode;\n</tool-calls>",
  "Said the model.",
  "<tool-calls>\nreturn (await tools.exec({ command: [\"touch\", \"denied.txt\"] })).exitCode;\n</tool-calls>",
  "Said the model."
]}
JSON
start_model
start_helix
expect "Helix shows the file" on_screen "a saved line"

typed 'gg'
typed 'jxc'
pasted 'an unsaved line'
escape
expect "a line is changed and not saved" on_screen "an unsaved line"
expect "the other server marks it" on_screen "this line is not saved"

ask "please patch the poem"
expect "the edit of the agent is in the buffer" on_screen "a line by the agent"
expect "the old line is gone" not_on_screen "an unsaved line"
expect "the log on disk holds the turn" log_holds turnEnded
expect "the file on disk is untouched" disk_is $'first line\na saved line\nlast line'

escape
typed 'u'
expect "u takes the edit back" on_screen "an unsaved line"
escape
typed 'U'
expect "U brings it back" on_screen "a line by the agent"
colon 'lsp-workspace-command glossator.undoTurn'
expect "glossator.undoTurn takes the turn back" on_screen "an unsaved line"

ask "run a command"
action 'Glossator: Allow'
expect "the allowed command ran" test -e "$work/ran.txt"
expect "the file on disk is still untouched" disk_is $'first line\na saved line\nlast line'

ask "run another command"
offered 'Glossator: Deny'
escape
typed ' ln' # the key of editors/helix/config.toml
expect "the key refuses the question" log_holds '"deny"'
expect "and the turn goes on to its end" in_log 3 turnEnded
expect "the denied command did not run" test ! -e "$work/denied.txt"
colon 'qa!'
expect "Helix ends" bash -c '! tmux -L editor has-session -t hx'
echo "1..$count"
