#!/usr/bin/env bash
# Brings bundlers, and the packages that lowformer depends on, into a project of their own as npm installs them:
# LOWFORMER_DEVICES or test/devices/.cache, there `bundlers`.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(realpath -m "${LOWFORMER_DEVICES:-test/devices/.cache}")/bundlers
# Made anew where the dependencies have changed since.
installed=$folder/installed.lock
if cmp -s package-lock.json "$installed"; then exit 0; fi
rm -rf "$folder"
node tools/build.js --if-older
mkdir -p "$folder"
rm -f "$folder"/*.tgz
npm pack --ignore-scripts --silent --pack-destination "$folder"
lock=$PWD/package-lock.json
echo '{ "private": true }' >"$folder/package.json"
cd "$folder"
npm install --ignore-scripts --no-save --no-audit --no-fund --prefer-offline ./lowformer-*.tgz \
  esbuild@0.28.2 next@16.4.6 react@19 react-dom@19
cp "$lock" "$installed"
