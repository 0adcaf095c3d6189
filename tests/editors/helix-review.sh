# Review in a real Helix, by keys: hints, hover, keep and reject, the editor's own undo, typing in hunks, the review
# document, undo and redo of a turn, what a command changed, a server that was killed. helix.sh runs it.
set -euo pipefail
. "$(dirname "$0")/helix-tap.sh"
for n in $(seq 12); do echo "line $n"; done >"$work/poem.txt"
saved=$(cat "$work/poem.txt")

patch() { printf '<tool-calls>\\nreturn await tools.applyPatch({ patch: `*** Begin Patch\\n*** Update File: poem.txt\\n%s*** End Patch` });\\n</tool-calls>' "$1"; }
cat >"$dir/replies.json" <<JSON
{"replies": [
  "$(patch '@@\n-line 2\n+LINE 2\n@@\n-line 6\n+LINE 6\n+line 6b\n@@\n line 9\n-line 10\n line 11\n')", "Said the model.",
  "$(patch '@@\n-line 1\n+LINE 1\n@@\n-line 4\n+LINE 4\n@@\n-line 8\n+LINE 8\n')", "Said the model.",
  "$(patch '@@\n-line 3\n+LINE 3\n@@\n-line 7\n+LINE 7\n')", "Said the model.",
  "<tool-calls>\nreturn (await tools.exec({ command: [\"sed\", \"-i\", \"-e\", \"s/line 5/SED 5/\", \"-e\", \"s/line 9/SED 9/\", \"poem.txt\"] })).exitCode;\n</tool-calls>", "Said the model."
]}
JSON

# press KEYS: in normal mode. on_line N: the cursor is there. type_there TEXT: at the end of its line.
press() { escape; typed "$1"; }
on_line() { press "$1G"; expect "the cursor is on line $1" cursor_on "$1"; }
type_there() { typed 'A'; pasted "$1"; escape; }
find_line() { press gg; typed "/$1"; keys Enter; }
undo() { press u; }
redo() { press U; }

start_model
start_helix
expect "Helix shows the file" on_screen "line 12"
press 'ge'
type_there ', unsaved'
expect "a line is changed and not saved" on_screen "line 12, unsaved"
expect "the other server marks it" on_screen "this line is not saved"

# In the file.
ask "change three places"
expect "three places are changed, each with a hint" hinted "2 6 11"
expect "the turn ends" in_log 1 turnEnded
on_line 2
expect "a hint tells what was done" on_screen "Glossator changed 1 line (T-1, pending)"
shot helix-hints
on_line 6
press ' k'
expect "hover shows the removed line" on_screen "-line 6"
shot helix-hover
undo
expect "the editor's undo takes the hints along" hinted ""
expect "and the edit" not_on_screen "LINE 6"
redo
expect "redo brings them back" hinted "2 6 11"
on_line 2
action 'Reject hunk' helix-actions
expect "the rejected hunk is put back" not_on_screen "LINE 2"
expect "and its hint goes" hinted "6 11"
undo
expect "the editor's undo of that opens it again" hinted "2 6 11"
redo
expect "and redo closes it" hinted "6 11"
on_line 11
action 'Keep hunk'
expect "a kept hunk has no hint" hinted "6"
on_line 6
type_there ' and more'
expect "typing in a hunk amends it" on_screen "(T-1, amended)"
action 'Reject hunk'
expect "rejecting it puts back what was before" not_on_screen "6b"
expect "nothing waits any more" hinted ""

# In the review document.
ask "again"
expect "the second turn edits" hinted "1 4 8"
expect "it ends" in_log 2 turnEnded
press ' lr'
expect "the key opens the review document" on_screen "3 hunks in 1 file, 3 to decide"
find_line '\+LINE 1'
action 'Keep hunk'
expect "a hunk is kept from there" on_screen "2 to decide"
find_line '\+LINE 4'
action 'Reject hunk'
expect "another rejected" on_screen "1 to decide"
expect "the document tells both" bash -c "tmux -L editor capture-pane -p -t hx | grep -c 'C.* kept\|C.* rejected' | grep -qx 2"
find_line '\+LINE 8'
type_there ', says the user'
shot helix-review
action 'Apply my edits'
expect "an edit of the document is applied" on_screen "0 to decide"
find_line '\+LINE 8'
action 'Go to source'
expect "and leads back to the source" on_screen "NOR   poem.txt"
expect "where its line is" cursor_on 8
expect "as it was edited" on_screen "   8  LINE 8, says the user"
expect "with nothing to decide" hinted ""

# Undo and redo of a turn.
ask "once more"
expect "the third turn edits" hinted "3 7"
expect "it ends too" in_log 3 turnEnded
on_line 7
type_there ', amended'
expect "one hunk is amended" on_screen "(T-3, amended)"
press ' lu'
expect "undo takes the other back" not_on_screen "LINE 3"
expect "tells what it left" on_screen "(poem.txt:7)"
expect "and leaves it" on_screen "LINE 7, amended"
press ' lU'
expect "redo makes it again" on_screen "LINE 3"
expect "and tells so" on_screen "made again in poem.txt"
if [[ $arguments == yes ]]; then
  on_line 2
  press ' lJ'
  expect "a key goes to the next hunk from here" cursor_on 3
  press ' lk'
  expect "a key keeps it" hinted "7"
fi
press ' lK'
expect "a key keeps the rest" hinted ""

# What a command changed.
ask "use sed"
action 'Glossator: Allow'
expect "what sed changed comes back as hunks" hinted "5 9"
expect "the turn with the command ends" in_log 4 turnEnded
expect "the unsaved text is kept" on_screen "LINE 8, says the user"
expect "also on the last line" on_screen "line 12, unsaved"
expect "the file on disk is untouched" disk_is "$saved"

# A server that was killed.
kill -9 "$(core)"
press 'gg'
typed 'O'
pasted 'typed meanwhile'
escape
colon 'lsp-restart'
press ' lj'
expect "a new server goes to the first hunk" cursor_on 6
expect "and shows the hints" hinted "6 10"
if [[ $arguments == yes ]]; then press ' lx'; else action 'Reject hunk'; fi
expect "it is rejected" not_on_screen "SED 5"
press ' lu'
expect "and the rest taken back with the turn" not_on_screen "SED 9"
expect "what was typed meanwhile is there" on_screen "typed meanwhile"
expect "nothing was saved all the time" disk_is "$saved"
colon 'qa!'
expect "Helix ends" bash -c '! tmux -L editor has-session -t hx'
echo "1..$count"
