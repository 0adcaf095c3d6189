# end_cores FOLDER: ends the cores whose sockets lie there, and waits for it. To be sourced; kills by number, and only what
# calls itself a core.
end_cores() {
  local lock pid
  for lock in "$1"/*.lock; do
    pid=$(cat "$lock" 2>/dev/null) || continue
    [[ $(cat "/proc/$pid/comm" 2>/dev/null) == glossator-core ]] || continue
    kill "$pid" 2>/dev/null || continue
    timeout 6 tail --pid="$pid" -f /dev/null || kill -9 "$pid" 2>/dev/null || true
  done
}
