#!/usr/bin/env bash
# Asks the test models of .env.example through OpenRouter, when OPENROUTER_API_KEY is set. TAP on standard output.
# A model that the provider has withdrawn is reported with the provider's own words and counts as skipped, not as passed.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
bin=$(readlink -f "${GLOSSATOR_BIN:-$here/target/debug/glossator}")
names=(TEST_MODEL_NANO TEST_MODEL_HAIKU TEST_MODEL_FLASH)

echo "1..${#names[@]}"
number=0
for name in "${names[@]}"; do
  number=$((number + 1))
  model=$(sed -n "s/^$name=//p" "$here/.env.example")
  if [ -z "${OPENROUTER_API_KEY:-}" ]; then
    echo "ok $number - $model # SKIP OPENROUTER_API_KEY is not set"
    continue
  fi
  home=$(mktemp -d)
  secret=$RANDOM$RANDOM$RANDOM
  echo "The number is $secret." > "$home/note.txt"
  printf '[models."openrouter/%s"]\nthinking = "off"\nmax_output = 2000\n' "$model" > "$home/settings.toml"
  # Only the answer counts: progress and token counts go to standard error.
  if answer=$(cd "$home" && GLOSSATOR_CONFIG_DIR=$home GLOSSATOR_STATE_DIR=$home/state timeout 120 "$bin" exec \
      --model "openrouter/$model" "Read note.txt with a script and answer with the number in it only." 2> "$home/err"); then
    case $answer in
      *"$secret"*) echo "ok $number - $model" ;;
      *) echo "not ok $number - $model answered something else: ${answer//$'\n'/ }" ;;
    esac
  else
    error=$(grep '^error: ' "$home/err" | head -n 1 || true)
    case $name/$error in
      TEST_MODEL_FLASH/*"not a valid model ID"* | TEST_MODEL_FLASH/*"No endpoints"*)
        echo "ok $number - $model # SKIP withdrawn, the provider says: $error" ;;
      *) echo "not ok $number - $model: $error" ;;
    esac
  fi
  rm -rf "$home"
done
