#!/usr/bin/env bash
# Asks the test models of .env.example through OpenRouter, when OPENROUTER_API_KEY is set. TAP on standard output.
# A model that the provider has withdrawn is reported with the provider's own words and counts as skipped, not as passed.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
bin=${GLOSSATOR_BIN:-$here/target/debug/glossator}
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
  printf '[models."openrouter/%s"]\nthinking = "off"\nmax_output = 2000\n' "$model" > "$home/settings.toml"
  if said=$(cd "$home" && GLOSSATOR_CONFIG_DIR=$home GLOSSATOR_STATE_DIR=$home/state timeout 120 \
      "$bin" exec --model "openrouter/$model" "Read settings.toml with a script and answer with the number in it only." 2>&1); then
    case $said in
      *2000*) echo "ok $number - $model" ;;
      *) echo "not ok $number - $model answered something else: ${said//$'\n'/ }" ;;
    esac
  else
    case $said in
      *"not a valid model"* | *"No endpoints"* | *"not found"*) echo "ok $number - $model # SKIP the provider says: ${said//$'\n'/ }" ;;
      *) echo "not ok $number - $model: ${said//$'\n'/ }" ;;
    esac
  fi
  rm -rf "$home"
done
