#!/usr/bin/env bash
# Builds mesh2gw from the checkout of this action, and puts it on PATH.
set -euo pipefail

bin=$RUNNER_TEMP/mesh2gw-built
cd "$GITHUB_ACTION_PATH"
CGO_ENABLED=0 go build -trimpath -o "$bin/" ./cmd/mesh2gw
echo "$bin" >>"$GITHUB_PATH"
