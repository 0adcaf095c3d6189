# A repository that is not trusted, questions of the agent in words, several folders, several questions at once, and a
# server that was killed, in a real Helix, by keys. helix.sh runs it.
set -euo pipefail
. "$(dirname "$0")/helix-tap.sh"
printf 'first line\na saved line, unsaved\nlast line\n' >"$work/poem.txt"
echo 'Answer in rhymes.' >"$work/AGENTS.md"
other=$dir/other
mkdir -p "$other/.git" "$work/.glossator"
printf 'one\ntwo\n' >"$other/there.txt"
printf 'away\n' >"$other/away.txt"
echo 'policy = "read-only"' >"$work/.glossator/settings.toml"

ask_user() { printf '<tool-calls>\\nreturn `The answer is: ` + (await tools.askUser(%s)).answer;\\n</tool-calls>' "$1"; }
which="{ question: 'Which name?', options: ['walk', 'visit'] }"
patch() { printf '*** Update File: %s\\n@@\\n-%s\\n+%s\\n' "$@"; }
cat >"$dir/replies.json" <<JSON
{"replies": [
  "<tool-calls>\nreturn (await tools.exec({ command: ['touch', 'ran.txt'] })).exitCode;\n</tool-calls>", "Said before.",
  "<tool-calls>\nreturn (await tools.exec({ command: ['touch', 'again.txt'] })).exitCode;\n</tool-calls>", "Said in rhymes.",
  "$(ask_user "$which")", "Picked.",
  "$(ask_user "'What is it for?'")", "Written.",
  "$(ask_user "$which")", "Sent.",
  "<tool-calls>\nreturn await tools.applyPatch({ patch: \`*** Begin Patch\n$(patch other/there.txt two TWO)$(patch other/away.txt away AWAY)$(patch work/poem.txt 'last line' 'LAST LINE')*** End Patch\` });\n</tool-calls>", "Both are changed.",
  "$(ask_user "{ question: 'Which pace?', options: ['slow', 'fast'] }")", "Picked again.",
  "<tool-calls>\nconst touch = (name) => tools.exec({ command: ['touch', name] }).then(() => 'ran', () => 'denied');\nreturn (await Promise.all([touch('q1.txt'), touch('q2.txt'), touch('q3.txt')])).join(' ');\n</tool-calls>", "All are answered.",
  "Said by the new server."
]}
JSON

press() { escape; typed "$1"; }
ended() { expect "turn $1 ends" in_log "$1" turnEnded; }
# prompt TEXT: sent from the prompt document, which is left again.
prompt() {
  press ' lc'
  expect "the prompt document is there" on_screen 'Glossator: write below what'
  written "$1"
  escape
  typed ' l'
  keys Enter
}
written() {
  press 'ge'
  typed 'o'
  pasted "$1"
  escape
  expect "written: $1" on_screen "$1"
}
shown() {
  colon "o $1"
  expect "$(basename "$1") is shown" bash -c "tmux -L editor capture-pane -p -t hx | grep -q 'NOR .*[ /]$(basename "$1")'"
}
find_line() { press gg; typed "/$1"; keys Enter; }
type_there() { typed 'A'; pasted "$1"; escape; }
# What Helix has started, without the core.
server() { comm -23 <(pgrep -f "$dir/bin/glossator lsp" | sort) <(cores "$dir/run" | sort) | head -n 1; }
there_is() { [[ $(cat "$1") == "$2" ]]; }

start_model_by_hand
start_helix
expect "Helix shows the file" on_screen "a saved line"
expect "the other server marks it" on_screen "● 1"

# A folder that was just cloned: neither its settings, with which no command would run, nor its rules count.
prompt 'Begin'
expect "the settings of the folder do not count" on_screen 'Glossator asks A1: Allow exec touch'
action 'Glossator: Allow'
expect "a command that is allowed runs" test -e "$work/ran.txt"
ended 1
expect "the rules of the folder are not sent" bash -c "! grep -q 'Answer in rhymes' '$dir/requests'"
press 'ga'
expect "and the transcript says so" on_screen "AGENTS.md is not followed"
press ' lt'
expect "a key trusts the folder" on_screen "is trusted now"
prompt 'Again'
ended 2
expect "then the rules are sent" asked 'Answer in rhymes'
expect "and the settings count" test ! -e "$work/again.txt"
rm "$work/.glossator/settings.toml"

# Questions of the agent, answered in words: picked, written, sent from the prompt document.
prompt 'Name it'
action 'Answer visit'
expect "an option is picked" asked 'The answer is: visit'
ended 3
prompt 'What for'
action 'Write an answer'
written 'For walking home.'
action 'Write an answer'
expect "what is written is the answer" asked 'The answer is: For walking home.'
expect "and is taken out" not_on_screen 'For walking home.'
ended 4
prompt 'Name another'
expect "the question stands in the prompt document" on_screen 'answer A4: walk'
find_line 'answer A4: -->'
press 'gh c'
expect "a key takes the marks off a line" bash -c "tmux -L editor capture-pane -p -t hx | grep -qE ' answer A4: *$'"
type_there 'neither'
escape
typed ' l'
keys Enter
expect "a line there answers" asked 'The answer is: neither'
ended 5

# Several folders: another one belongs to the workspace once Helix has gone there, as in a window with both.
keys C-w
typed 'o'
colon "cd $other"
shown there.txt
prompt 'Change both folders'
ended 6
keys C-w
typed 'o'
expect "a file there that is not open is changed" there_is "$other/away.txt" AWAY
expect "one that is open is not written" there_is "$other/there.txt" $'one\ntwo'
shown "$other/there.txt"
expect "but changed in the editor" on_screen "   2  TWO"
expect "with a hint" hinted "2"
shown "$work/poem.txt"
expect "and so is the one in the first folder" on_screen "   3  LAST LINE"
expect "one server and one core do it" test "$(cores "$dir/run" | wc -l)" = 1
press ' lu'
expect "a key takes all of it back: here" on_screen "   3  last line"
expect "in the file that was written" there_is "$other/away.txt" away
shown "$other/there.txt"
expect "and in the other folder" on_screen "   2  two"

# A dialog, where Helix has them: the options are its buttons, of which the first one is chosen.
prompt 'Name one more'
if [[ $arguments == yes ]]; then
  expect "a dialog asks" dialog
  keys Down
  expect "with the options as buttons" bash -c "tmux -L editor capture-pane -p -t hx | grep -qE '^ +slow *$'"
  keys Enter
else
  action 'Answer fast'
fi
expect "an answer there is one" asked 'The answer is: fast'
ended 7

# Several questions at once, each with its own code actions.
prompt 'Touch three'
action 'Glossator: Allow — touch q2.txt'
expect "of three questions one is picked" test -e "$work/q2.txt"
action 'Glossator: Deny — touch q3.txt'
action 'Glossator: Allow — touch q1.txt'
expect "and the others are answered" asked 'ran ran denied'
ended 8
expect "what was denied was not done" test ! -e "$work/q3.txt"

# The server of the editor is killed; its core is not. Helix 25.01 starts it for the folder that it is in.
colon "cd $work"
shown "$work/poem.txt"
before=$(core)
kill -9 "$(server)"
colon 'lsp-restart'
prompt 'Go on'
expect "the new server goes on" asked 'Go on'
ended 9
expect "in the same core" test "$(core)" = "$before"
colon 'qa!'
expect "Helix ends" bash -c '! tmux -L editor has-session -t hx'
echo "1..$count"
