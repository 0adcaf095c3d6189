# Cores by number, of the sockets in one folder; only what calls itself a core. To be sourced.

# cores FOLDER: their process ids.
cores() {
  local lock pid
  for lock in "$1"/*.lock; do
    pid=$(cat "$lock" 2>/dev/null) || continue
    [[ $(cat "/proc/$pid/comm" 2>/dev/null) != glossator-core ]] || echo "$pid"
  done
}

# end_cores FOLDER: ends them, and waits for it.
end_cores() {
  local pid
  for pid in $(cores "$1"); do
    kill "$pid" 2>/dev/null || continue
    timeout 6 tail --pid="$pid" -f /dev/null || kill -9 "$pid" 2>/dev/null || true
  done
}
