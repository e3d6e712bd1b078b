#!/usr/bin/env bash
# Lints by the inputs of the action. Findings become annotations of the workflow run
# and a SARIF file; whether the job fails by them, its last step says.
set -euo pipefail

sarif=$RUNNER_TEMP/mesh2gw.sarif
arguments=(lint --format github --format "sarif=$sarif" --fail-on "$FAIL_ON")
[[ -n ${GROUP:-} ]] && arguments+=(--group "$GROUP")
[[ -n ${BASELINE:-} ]] && arguments+=(--baseline "$BASELINE")
while IFS= read -r line || [[ -n $line ]]; do
  [[ -n $line ]] && arguments+=("$line")
done <<<"${ARGS:-}"
arguments+=(--)
while IFS= read -r line || [[ -n $line ]]; do
  [[ -n $line ]] && arguments+=("$line")
done <<<"${PATHS:-.}"

code=0
mesh2gw "${arguments[@]}" || code=$?
((code <= 1)) || exit "$code"
{
  echo "exit-code=$code"
  echo "sarif-file=$sarif"
} >>"$GITHUB_OUTPUT"
