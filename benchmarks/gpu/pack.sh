#!/usr/bin/env bash
# Packs a folder that measures this checkout on a machine with an NVIDIA driver and nothing else: no network, no Node.
#   bash benchmarks/gpu/pack.sh FOLDER
# In it: run.sh; Node and ONNX Runtime (runtime.tar.xz); dist, the steps and the packages that a bare network needs
# (toolkit.tar.xz), a Vulkan loader and what else of Debian's libraries such a machine may lack; xz itself. No weights: they
# follow from their names. Some 45 MB. Node is the one that runs here; the build is made anew where it is older.
set -euo pipefail
folder=$(realpath -m "${1:?a folder to pack into}")
cd "$(dirname "$0")/../.."
[ "$(uname -sm)" = 'Linux x86_64' ] || { echo "pack.sh: expected Linux on x64 but this is $(uname -sm)" >&2; exit 2; }
if [ -e "$folder" ] && [ -n "$(ls -A "$folder")" ] && [ ! -f "$folder/runtime.tar.xz" ]; then
  echo "pack.sh: expected an empty or new folder, or one that it has packed before, but $folder holds other files" >&2
  exit 2
fi
node tools/build.js --if-older
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$folder/xz" "$work/runtime" "$work/toolkit/lowformer"

# library NAME PACKAGE FOLDER: the file that the loader finds here, else Debian's package.
library() {
  local found
  # Read to the end: a pipe that is closed early is an error here.
  found=$(ldconfig -p | awk -v name="$1" '$1 == name && /x86-64/ && !found++ { print $NF }')
  if [ -z "$found" ]; then
    (cd "$work" && apt-get download -q "$2" >/dev/null && dpkg-deb -x "$2"_*.deb "$work/debian")
    found=$(find "$work/debian" -name "$1" -print -quit)
  fi
  [ -n "$found" ] || { echo "pack.sh: no $1 here: install $2" >&2; exit 1; }
  cp -L "$found" "$3/$1"
}
libraries=$work/runtime/libraries
mkdir "$libraries"
library libvulkan.so.1 libvulkan1 "$libraries"
library libstdc++.so.6 libstdc++6 "$libraries"
library libgcc_s.so.1 libgcc-s1 "$libraries"
# NVIDIA's Vulkan library is linked against these, display or not.
for pair in libX11.so.6:libx11-6 libXext.so.6:libxext6 libxcb.so.1:libxcb1 libXau.so.6:libxau6 libXdmcp.so.6:libxdmcp6 \
  libbsd.so.0:libbsd0 libmd.so.0:libmd0; do library "${pair%%:*}" "${pair##*:}" "$libraries"; done
library liblzma.so.5 liblzma5 "$folder/xz"
cp -L "$(command -v xz)" "$folder/xz/xz"

node=$(realpath "$(node -p process.execPath)")
onnxruntime=node_modules/onnxruntime-node
bin=bin/napi-v6/linux/x64
mkdir -p "$work/runtime/lowformer/$onnxruntime/$bin"
cp "$onnxruntime"/$bin/* "$work/runtime/lowformer/$onnxruntime/$bin/"
cp "$node" "$work/runtime/node"
strip "$work/runtime/node"

archive() { tar -C "$1" --sort=name --owner=0 --group=0 --mtime=@0 -cf - . | xz -T0 "$3" >"$2.new" && mv "$2.new" "$2"; }
# Compressing Node and the runtime takes minutes of which nothing changes from one packing to the next.
key=$(cd "$work/runtime" && find . -type f | sort | xargs sha256sum | sha256sum | cut -c 1-16)
kept=node_modules/.cache/gpu/$key.tar.xz
if [ ! -f "$kept" ]; then
  mkdir -p "$(dirname "$kept")"
  archive "$work/runtime" "$kept" -6
fi
cp "$kept" "$folder/runtime.tar.xz"

# The steps are compiled as the toolkit is, into the places that they have beside it; what dist/ has stays as it is.
toolkit=$work/toolkit/lowformer
node node_modules/typescript/bin/tsc -p benchmarks/gpu/tsconfig.json --outDir "$work/steps"
cp -R dist "$toolkit/dist"
find "$toolkit/dist" -name '*.d.ts' -delete
rm -rf "$toolkit/dist/web" "$toolkit/dist/drawing/vega" "$toolkit/dist/THIRD_PARTY_NOTICES.md"
cp -R "$work/steps/benchmarks" "$work/steps/test" "$toolkit/dist/"
# A layer by which a driver loses a device, for the step that asks what becomes of the models then.
if command -v cc >/dev/null; then
  cc -shared -fPIC -O2 -fvisibility=hidden -s -o "$toolkit/dist/benchmarks/gpu/driver_faults.so" benchmarks/gpu/driver_faults.c
else
  echo 'pack.sh: no C compiler (cc) here: the step of a lost device will say so' >&2
fi
cp benchmarks/gpu/torch/torch_side.py "$toolkit/dist/benchmarks/gpu/torch/"
cp package.json LICENSE NOTICE "$toolkit/"
for package in zod protobufjs @protobufjs long commander yaml string-width strip-ansi ansi-regex get-east-asian-width wrap-ansi \
  ansi-styles tinyglobby fdir picomatch cli-progress onnxruntime-common onnxruntime-node; do
  mkdir -p "$toolkit/node_modules/$package"
  tar -C "node_modules/$package" --exclude=./bin --exclude='*.ts' --exclude='*.cts' --exclude='*.map' --exclude='*.md' \
    -cf - . | tar -C "$toolkit/node_modules/$package" -xf -
done
archive "$work/toolkit" "$folder/toolkit.tar.xz" -6
cp benchmarks/gpu/run.sh LICENSE NOTICE "$folder/"
chmod +x "$folder/run.sh"

megabytes=$(du -sb "$folder" | awk '{ printf "%.1f", $1 / 1e6 }')
echo "$folder: $megabytes MB. Copy it, and there: sh run.sh"
