#!/usr/bin/env bash
# Brings OpenVINO's library for the engine openvino into a folder of its own: LOWFORMER_DEVICES or test/devices/.cache, there
# `openvino` (170 MB). Set LOWFORMER_OPENVINO to that folder to use it.
#
# It is taken out of PyPI's wheel `openvino`: the library and what lies beside it, none of the Python. A second run finds what is
# there and ends at once.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(realpath -m "${LOWFORMER_DEVICES:-test/devices/.cache}")/openvino
version=2026.4.1

if [ -f "$folder/version" ] && [ "$(cat "$folder/version")" = "$version" ]; then exit 0; fi
rm -rf "$folder"
mkdir -p "$folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip download --quiet --no-deps --only-binary=:all: --dest "$work" "openvino==$version"
python3 - "$work" "$folder" <<'PYTHON'
import pathlib, shutil, sys, zipfile

wheel = next(pathlib.Path(sys.argv[1]).glob('*.whl'))
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        path = pathlib.PurePosixPath(name)
        # The plugins for graphics and neural processors are two thirds of the rest.
        if path.parent != pathlib.PurePosixPath('openvino/libs') or '_gpu_' in path.name or '_npu_' in path.name:
            continue
        with archive.open(name) as source, (pathlib.Path(sys.argv[2]) / path.name).open('wb') as sink:
            shutil.copyfileobj(source, sink)
PYTHON
echo "$version" >"$folder/version"
