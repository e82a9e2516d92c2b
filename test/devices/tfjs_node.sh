#!/usr/bin/env bash
# Brings @tensorflow/tfjs-node, TensorFlow's native library for the engine tfjs, into a folder of its own:
# LOWFORMER_DEVICES or test/devices/.cache, there `tfjs-node` (0.9 GB). Set LOWFORMER_PACKAGES to that folder to use it.
#
# The package's own install script downloads the library from a host that is not reachable everywhere. So the library
# and its C headers are taken out of PyPI's wheel of tensorflow-cpu, and the addon is compiled against them. Linux on x64,
# with Node's headers, python3 with pip, make and g++ 12 or newer. A second run finds what is there and ends at once.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(realpath -m "${LOWFORMER_DEVICES:-test/devices/.cache}")/tfjs-node
package=$folder/node_modules/@tensorflow/tfjs-node
node_version=4.22.0
tensorflow_version=2.15.1

works() { (cd "$folder" 2>/dev/null && TF_CPP_MIN_LOG_LEVEL=3 node -e 'require("util").isNullOrUndefined ??= (v) => v == null; require("@tensorflow/tfjs-node")') >/dev/null 2>&1; }
if works; then exit 0; fi
if [ "$(uname -sm)" != 'Linux x86_64' ]; then
  echo 'tfjs-node: no recipe for this machine; npm install @tensorflow/tfjs-node there' >&2
  exit 1
fi

mkdir -p "$folder"
echo '{ "private": true }' >"$folder/package.json"
(cd "$folder" && npm install --ignore-scripts --no-save --no-audit --no-fund "@tensorflow/tfjs-node@$node_version")

work=$(mktemp -d)
# What is not whole must not pass for installed.
trap 'rm -rf "$work"; works || rm -rf "$package/deps"' EXIT
python3 -m pip download --quiet --no-deps --only-binary=:all: --python-version 3.11 --platform manylinux2014_x86_64 \
  --dest "$work" "tensorflow-cpu==$tensorflow_version"
rm -rf "$package/deps" "$package/build"
mkdir -p "$package/deps/lib" "$package/deps/include"
# Of the wheel's 4000 files: two libraries, and the headers that the C interface includes.
python3 - "$work" "$package/deps" <<'PYTHON'
import pathlib, shutil, sys, zipfile

wheel = next(pathlib.Path(sys.argv[1]).glob('*.whl'))
deps = pathlib.Path(sys.argv[2])
libraries = {'libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'}
folders = ('tensorflow/c/', 'tensorflow/core/platform/', 'tsl/', 'xla/tsl/')
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        path = pathlib.PurePosixPath(name)
        header = name.removeprefix('tensorflow/include/')
        if path.parent.name == 'tensorflow' and path.name in libraries:
            target = deps / 'lib' / path.name
        elif header != name and path.suffix == '.h' and header.startswith(folders):
            target = deps / 'include' / header
        else:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(name) as source, target.open('wb') as sink:
            shutil.copyfileobj(source, sink)
PYTHON
# The names that the addon is linked against.
ln -s libtensorflow_cc.so.2 "$package/deps/lib/libtensorflow.so"
ln -s libtensorflow_framework.so.2 "$package/deps/lib/libtensorflow_framework.so"

napi=$(node -p "Math.max(...require('$package/package.json').binary.napi_versions.filter((v) => v <= process.versions.napi))")
headers=$(node -p 'require("path").resolve(process.execPath, "../..")')
gyp=$(npm root -g)/npm/node_modules/node-gyp/bin/node-gyp.js
options=(--napi_build_version="$napi" --module_name=tfjs_binding --module_path="$package/lib/napi-v$napi")
if [ -f "$headers/include/node/node_api.h" ]; then options+=(--nodedir="$headers"); fi
(cd "$package" && node "$gyp" rebuild --silent "${options[@]}")
rm -rf "$package/build" "$package/deps/include"
works || { echo 'tfjs-node: built, but it cannot be loaded' >&2; exit 1; }
