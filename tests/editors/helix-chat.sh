# The chat as documents in a real Helix, from the first run without a key on: a turn with a script, answers to questions from the
# prompt document, steering, the queue, stopping, code blocks, an edit that has become stale, a formatter. helix.sh runs it.
set -euo pipefail
. "$(dirname "$0")/helix-tap.sh"
printf 'first line\na saved line\nlast line\n' >"$work/poem.txt"

cat >"$dir/replies.json" <<'JSON'
{"replies": [
  "<tool-calls>\nconst poem = await tools.readFile({ path: 'poem.txt' });\nreturn 'the second line: ' + poem.text.split('\\n')[1];\n</tool-calls>",
  ["It says", {"until": "UNTIL/told"}, " what you have not saved."],
  ["I look", {"until": "UNTIL/steered"}, ".\n\n<tool-calls>\nreturn (await tools.exec({ command: ['touch', 'one.txt'] })).exitCode;\n</tool-calls>"],
  "Said after the command.",
  "<tool-calls>\nreturn (await tools.exec({ command: ['touch', 'two.txt'] })).exitCode;\n</tool-calls>",
  "Then not.",
  ["I begin to say", {"until": "UNTIL/queued"}, " much."],
  "Said of the queued prompt.",
  ["A long answer", {"until": "UNTIL/never"}, "."],
  "Put this at the end:\n\n```text poem.txt\nlast line\nthe line of the block\n```\n",
  "<tool-calls>\nawait tools.exec({ command: ['touch', 'three.txt'] });\nreturn await tools.applyPatch({ patch: `*** Begin Patch\n*** Update File: poem.txt\n@@\n-an unsaved line\n+a line by the agent\n*** End Patch` });\n</tool-calls>",
  "It did not fit.",
  "<tool-calls>\nreturn await tools.applyPatch({ patch: `*** Begin Patch\n*** Update File: poem.txt\n@@\n-first line\n+the line   of the agent\n*** End Patch` });\n</tool-calls>",
  "Formatted.",
  "<tool-calls>\nreturn (await tools.exec({ command: ['touch', 'four.txt'] })).exitCode;\n</tool-calls>",
  "Said of the fourth."
]}
JSON

press() { escape; typed "$1"; }
prompt_shown() { on_screen 'Glossator: write below what'; }
transcript_shown() { screen | grep -qE '^ +1 +# |^ +[0-9]+ +## T-|NOR .*chat\.md'; }
# Helix 25.01 shows both in a window of their own, newer ones where the cursor is.
to_prompt() {
  press ' lc'
  expect "${1:-the prompt document is there}" prompt_shown
}
to_transcript() {
  press 'ga'
  expect "${1:-the transcript is there}" transcript_shown
  press 'ge'
}
# write TEXT: at the end of the prompt document, and sent.
write() {
  press 'ge'
  typed 'o'
  pasted "$1"
  escape
  expect "written: $1" on_screen "$1"
}
send() {
  press ' l'
  keys Enter
}
back() {
  colon "o $work/poem.txt"
  expect "the file is shown" bash -c "tmux -L editor capture-pane -p -t hx | grep -q 'NOR .* poem.txt'"
}
ended() { expect "turn $1 ends" in_log "$1" turnEnded; }
idle() { expect "nothing is written there any more" not_on_screen "$1"; }

# The first run: there is no model and no key.
UNSET=1 start_model_by_hand
start_helix
expect "Helix shows the file" on_screen "a saved line"
typed 'ggjxc'
pasted 'an unsaved line'
escape
press ' lc'
expect "a key shows the chat: the prompt document" prompt_shown
keys C-w
typed 'o'
to_transcript "and the transcript behind it"
expect "in which nothing stands yet" on_screen "Nothing was said yet."
to_prompt "and the prompt document again"
write 'What have I not saved?'
send
expect "the first prompt says what to do" on_screen "glossator login"
shot helix-first-run
colon 'buffer-close'
write_settings
to_prompt "the prompt document is there again"
expect "and holds what was written" on_screen "What have I not saved?"
send

# A turn with a script, which streams.
expect "what was sent is taken out" not_on_screen "What have I not saved?"
to_transcript
expect "the transcript has it" on_screen "> What have I not saved?"
expect "and what the script did" on_screen "readFile"
expect "the answer streams in" on_screen "It says"
go told
expect "to its end" on_screen "It says what you have not saved."
ended 1
expect "and the transcript says so" on_screen "T-1 · done"
shot helix-chat
expect "the script saw the unsaved text" asked 'the second line: an unsaved line'

# Steering: what is sent while a turn runs is added to it. Answers from the prompt document.
to_prompt
press 'ge'
typed 'o'
typed '/comp'
expect "a slash completes commands" on_screen "/compact"
shot helix-completion
escape
typed 'xd'
press 'ge'
typed 'o'
pasted 'Look at '
typed '@poe'
expect "an at sign completes files" on_screen "poem.txt file"
keys Tab
typed ' again'
escape
expect "what is picked is written" on_screen "Look at @poem.txt again"
send
expect "the second turn begins" asked 'Look at @poem.txt again'
write 'Only at its length'
send
expect "what is sent meanwhile is taken out" not_on_screen "Only at its length"
expect "and on record" log_holds 'Only at its length'
go steered
expect "a question stands in the prompt document" on_screen "allow A"
shot helix-question
question=$(screen | grep -oE 'allow A[0-9a-f-]+' | head -n 1)
write "$question"
send
expect "a line there allows" test -e "$work/one.txt"
ended 2
expect "the model was told what was added" asked 'Only at its length'
write 'And another file'
send
expect "the third turn asks" on_screen "deny A"
question=$(screen | grep -oE 'deny A[0-9a-f-]+' | head -n 1)
write "$question: not on this disk"
send
ended 3
expect "a line there denies, with a reason for the model" asked 'not on this disk'
expect "and nothing was done" test ! -e "$work/two.txt"

# The queue, and stopping in mid-stream.
write 'Say much'
send
expect "the fourth turn begins" asked 'Say much'
write 'Then be short'
press ' lq'
expect "what is queued is taken out" not_on_screen "Then be short"
to_transcript
expect "the answer is being written" on_screen "I begin to say"
go queued
expect "the prompt that waited is started by itself" on_screen "Said of the queued prompt."
ended 5
to_prompt
write 'Be long'
send
to_transcript
expect "a long answer begins" on_screen "A long answer"
press ' ls'
ended 6
expect "it is stopped in mid-stream" on_screen "stopped"

# A block of an answer, and a turn to go on from.
to_prompt
write 'What is missing?'
send
if [[ $arguments == yes ]]; then
  press ' lC'
  expect "a key leads to the transcript" transcript_shown
  press 'ge'
else
  to_transcript
fi
expect "an answer holds a block" on_screen "the line of the block"
ended 7
press 'gg'
typed '/the line of the block'
keys Enter
offered 'Apply this block'
shot helix-block
escape
action 'Apply this block'
back
expect "the block is in the file" on_screen "the line of the block"
expect "with a hint" hinted "4"
expect "beside what was not saved" on_screen "an unsaved line"

# An edit that has become stale.
ask 'change the second line'
offered 'Glossator: Allow'
escape
press '2Gxc'
pasted 'what I have written meanwhile'
escape
action 'Glossator: Allow'
expect "the command runs" test -e "$work/three.txt"
ended 8
expect "the edit that no longer fits is not made" on_screen "what I have written meanwhile"
expect "and the model was told so" asked 'these lines are not in the file'

# A formatter on save amends a hunk and decides nothing. The file's formatter here makes one space of several.
to_prompt
write 'Change the first line'
send
ended 9
back
expect "the agent's line is there" on_screen "the line   of the agent"
colon 'w'
expect "it is formatted when the file is saved" disk_is $'the line of the agent\nwhat I have written meanwhile\nlast line\nthe line of the block'
press '1G'
expect "its hunk is amended" on_screen "(T-9, amended)"
action 'Reject hunk'
expect "and what was there before comes back" on_screen "   1  first line"
expect "the other hunk still waits" hinted "4"

# A dialog. Newer Helix has them; 25.01 is asked by code actions alone.
to_prompt
write 'Touch another'
send
expect "the tenth turn asks" log_holds 'four.txt'
back
if [[ $arguments == yes ]]; then
  expect "a dialog opens while nobody types" on_screen "Glossator asks: Allow exec touch four.txt?"
  shot helix-dialog
  keys Down
  keys Enter
else
  action 'Glossator: Allow'
fi
expect "an answer there allows" test -e "$work/four.txt"
ended 10
colon 'qa!'
expect "Helix ends" bash -c '! tmux -L editor has-session -t hx'
echo "1..$count"
