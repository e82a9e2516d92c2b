#!/usr/bin/env bash
# Brings the packages that give the engine tfjs a graphics processor in Node into a folder of their own:
# LOWFORMER_DEVICES or test/devices/.cache, there `tfjs-webgpu`. Set LOWFORMER_PACKAGES to that folder to use them.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(realpath -m "${LOWFORMER_DEVICES:-test/devices/.cache}")/tfjs-webgpu
if [ -d "$folder/node_modules/webgpu" ] && [ -d "$folder/node_modules/@tensorflow/tfjs-backend-webgpu" ]; then exit 0; fi
mkdir -p "$folder"
echo '{ "private": true }' >"$folder/package.json"
cd "$folder"
npm install --ignore-scripts --no-save --no-audit --no-fund @tensorflow/tfjs-backend-webgpu@4.22.0 @tensorflow/tfjs-core@4.22.0 webgpu@0.6.2
