#!/usr/bin/env bash
# Brings bundlers, and the packages that lowformer depends on, into a project of their own as npm installs them:
# LOWFORMER_DEVICES or test/devices/.cache, there `bundlers`.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(realpath -m "${LOWFORMER_DEVICES:-test/devices/.cache}")/bundlers
if [ -d "$folder/node_modules/next" ] && [ -d "$folder/node_modules/esbuild" ]; then exit 0; fi
node tools/build.js --if-older
mkdir -p "$folder"
rm -f "$folder"/*.tgz
npm pack --ignore-scripts --silent --pack-destination "$folder"
echo '{ "private": true }' >"$folder/package.json"
cd "$folder"
npm install --ignore-scripts --no-save --no-audit --no-fund --prefer-offline ./lowformer-*.tgz \
  esbuild@0.28.2 next@16.4.6 react@19 react-dom@19
