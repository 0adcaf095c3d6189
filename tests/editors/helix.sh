#!/usr/bin/env bash
# Runs the Helix tests, each with a home and cores of its own. TAP on stdout.
#   GLOSSATOR_BIN=target/debug/glossator tests/editors/helix.sh [--suite trixie|forky]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
EDITORS=$("$here/fetch.sh" "$@")
export EDITORS
: "${GLOSSATOR_BIN:?names the glossator binary to test}"
status=0
for test in ${TESTS:-helix-setup.sh helix-turn.sh helix-chat.sh helix-roots.sh helix-review.sh helix-sessions.sh}; do
  echo "# $test"
  ended=0
  timeout 300 bash "$here/$test" || ended=$?
  ((ended != 124)) || echo "not ok - it took more than 300 s"
  ((ended == 0)) || status=1
done
exit $status
