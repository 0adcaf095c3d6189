#!/usr/bin/env bash
# Runs the Neovim tests with a home of their own. TAP on stdout.
#   GLOSSATOR_BIN=target/debug/glossator tests/editors/nvim.sh [--suite trixie|forky]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
editors=$("$here/fetch.sh" "$@")
: "${GLOSSATOR_BIN:?names the glossator binary to test}"
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
status=0
for test in nvim.lua nvim-edit.lua nvim-review.lua nvim-sessions.lua; do
  echo "# $test"
  env -i PATH="$PATH" LANG=C.UTF-8 HOME="$home" TMPDIR="${TMPDIR:-/tmp}" KEEP="${KEEP-}" \
    XDG_CONFIG_HOME="$home/config" XDG_STATE_HOME="$home/state" XDG_DATA_HOME="$home/data" XDG_CACHE_HOME="$home/cache" \
    GLOSSATOR_BIN="$(readlink -f "$GLOSSATOR_BIN")" \
    timeout 300 "$editors/usr/bin/nvim" --headless -u NONE -l "$here/$test" || status=1
done
exit $status
