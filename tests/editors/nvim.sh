#!/usr/bin/env bash
# Runs the Neovim tests, each with a home and cores of its own. TAP on stdout.
#   GLOSSATOR_BIN=target/debug/glossator tests/editors/nvim.sh [--suite trixie|forky]
set -euo pipefail
# Keys of whoever runs the tests are none of theirs.
export DBUS_SESSION_BUS_ADDRESS=''
here=$(cd "$(dirname "$0")" && pwd)
editors=$("$here/fetch.sh" "$@")
: "${GLOSSATOR_BIN:?names the glossator binary to test}"
. "$here/cores.sh"
home=$(mktemp -d)
trap 'end_cores "$home/run"; rm -rf "$home"' EXIT
status=0
for test in ${TESTS:-nvim-first.lua nvim-messages.lua nvim.lua nvim-edit.lua nvim-review.lua nvim-marks.lua nvim-asks.lua nvim-chat.lua nvim-code.lua nvim-lookups.lua nvim-sessions.lua nvim-setup.lua nvim-core.lua nvim-tui.lua}; do
  echo "# $test"
  ended=0
  env -i PATH="$PATH" LANG=C.UTF-8 HOME="$home" TMPDIR="${TMPDIR:-/tmp}" KEEP="${KEEP-}" \
    XDG_CONFIG_HOME="$home/config" XDG_STATE_HOME="$home/state" XDG_DATA_HOME="$home/data" XDG_CACHE_HOME="$home/cache" \
    GLOSSATOR_ACCEPT="${GLOSSATOR_ACCEPT-}" GLOSSATOR_BIN="$(readlink -f "$GLOSSATOR_BIN")" GLOSSATOR_RUNTIME_DIR="$home/run" \
    timeout 600 "$editors/usr/bin/nvim" --headless -u NONE -l "$here/$test" 2>"$home/messages" || ended=$?
  ((ended != 124)) || echo "not ok - it took more than 600 s"
  ((ended == 0)) || { status=1; tail -n 40 "$home/messages" | sed 's/^/# /'; }
  end_cores "$home/run"
done
exit $status
