#!/bin/sh
# Measures lowformer on this machine's graphics card. Needs Linux on x64 and a driver; no network, no Node, no installing.
#   sh run.sh [--short] [--minutes N] [--step-seconds N] [--only NAME,…] [--out FILE.json]
# Unpacks to a temporary folder, which is removed at the end; ends within N minutes (8), whatever hangs; sets nothing of the card.
# The results go to FILE.json, by default lowformer-gpu.json here, step by step; a short table comes last.
set -u
here=$(cd "$(dirname "$0")" && pwd)
minutes=8 form=whole most= only= out=

fail() { echo "run.sh: $1" >&2; exit 2; }
while [ $# -gt 0 ]; do
  case $1 in
    --short) form=short ;;
    --minutes) [ $# -gt 1 ] || fail 'expected a number after --minutes'; minutes=$2; shift ;;
    --step-seconds) [ $# -gt 1 ] || fail 'expected a number after --step-seconds'; most=$2; shift ;;
    --only) [ $# -gt 1 ] || fail 'expected names of steps after --only'; only=$2; shift ;;
    --out) [ $# -gt 1 ] || fail 'expected a file after --out'; out=$2; shift ;;
    *) fail "expected --short, --minutes N, --step-seconds N, --only NAME or --out FILE but received $1" ;;
  esac
  shift
done
case $minutes in '' | *[!0-9]* | 0 | 0?*) fail "expected whole minutes from 1 on for --minutes but received '$minutes'" ;; esac
case $most in *[!0-9]* | 0 | 0?*) fail "expected whole seconds from 1 on for --step-seconds but received '$most'" ;; esac
[ "$(uname -sm)" = 'Linux x86_64' ] || fail "expected Linux on x64 but this is $(uname -sm)"
seconds=$((minutes * 60)) start=$(date +%s)

# Some 200 MB. A folder that takes files and lets programs run, or may not at all.
work=
for folder in "${TMPDIR:-/tmp}" /tmp /var/tmp /dev/shm "$here"; do
  work=$(mktemp -d "$folder/lowformer-gpu.XXXXXX" 2>/dev/null) || continue
  printf '#!/bin/sh\n' >"$work/try" 2>/dev/null && chmod +x "$work/try" && "$work/try" 2>/dev/null && break
  rm -rf "$work"; work=
done
[ -n "$work" ] || fail 'expected a folder for temporary files: TMPDIR, /tmp, /var/tmp and /dev/shm take none, or run none'
child=
finish() { trap - EXIT INT TERM HUP; [ -z "$child" ] || end; rm -rf "$work"; exit "$1"; }
# The steps are process groups of their own: they carry this run's folder in their environment.
end() {
  kill -9 "$child" 2>/dev/null
  for process in /proc/[0-9]*; do
    if grep -qs "LOWFORMER_GPU_RUN=$work" "$process/environ" 2>/dev/null; then kill -9 "${process#/proc/}" 2>/dev/null; fi
  done
}
trap 'finish $?' EXIT
trap 'finish 130' INT
trap 'finish 143' TERM HUP

# A file that is given must be writable; without one, where files may be written.
if [ -n "$out" ]; then
  (: >"$out") 2>/dev/null || fail "expected a file that can be written for --out but received $out"
else
  out=$PWD/lowformer-gpu.json
  if ! (: >"$out") 2>/dev/null; then
    out=$(mktemp "${work%/*}/lowformer-gpu-XXXXXX") || fail 'expected a folder that takes the results'
    mv "$out" "$out.json"; out=$out.json
    echo "run.sh: $PWD takes no files: the results go to $out" >&2
  fi
fi
case $out in /*) ;; *) out=$PWD/$out ;; esac

# tar and a shell are all that is asked of the machine: xz comes along, with its library.
unpack() { LD_LIBRARY_PATH="$here/xz" "$here/xz/xz" -dc "$here/$1" | tar -xf - -C "$work"; }
unpack runtime.tar.xz && unpack toolkit.tar.xz || fail "could not unpack to $work: some 200 MB are needed there"

# Libraries of ours only where the machine has none: its drivers may want newer ones.
lacks() { "$work/node" -e "process.dlopen({ exports: {} }, '$1')" 2>&1 | grep -q 'cannot open shared object'; }
lay() { cp "$work/libraries/$1" "$work/used/"; }
mkdir "$work/used"
export LD_LIBRARY_PATH="$work/used${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
if ! "$work/node" --version >/dev/null 2>&1; then
  lay libstdc++.so.6; lay libgcc_s.so.1
fi
"$work/node" --version >/dev/null 2>"$work/said" || fail "Node does not start here: $(head -n 1 "$work/said")"
for library in libvulkan.so.1 libXau.so.6 libXdmcp.so.6 libbsd.so.0 libmd.so.0 libxcb.so.1 libX11.so.6 libXext.so.6; do
  [ -f "$work/libraries/$library" ] || continue
  if lacks "$library"; then lay "$library"; fi
done

# CUDA and TensorRT of ONNX Runtime, where their libraries lie here: in a folder that is named, or among the packages of Python. The
# runtime takes its own from its own folder alone.
runtime=$work/lowformer/node_modules/onnxruntime-node/bin/napi-v6/linux/x64
packages=$(python3 -c 'import sys; print("\n".join(p for p in sys.path if p.endswith("-packages")))' 2>/dev/null)
for folder in ${LOWFORMER_CUDA_LIBRARIES:-} $packages; do
  for own in "$folder" "$folder/onnxruntime/capi"; do
    for library in "$own"/libonnxruntime_providers_*.so; do
      [ ! -f "$library" ] || [ -e "$runtime/${library##*/}" ] || ln -s "$library" "$runtime/"
    done
  done
  # The machine's own library path comes first.
  for linked in "$folder" "$folder"/nvidia/*/lib "$folder"/tensorrt_libs; do
    for library in "$linked"/libcudart.so.* "$linked"/libcublas.so.* "$linked"/libcurand.so.* "$linked"/libcudnn.so.* "$linked"/libnvinfer.so.*; do
      if [ -f "$library" ]; then LD_LIBRARY_PATH=$LD_LIBRARY_PATH:$linked; break; fi
    done
  done
done
# Python finds the packages that its user has installed without the home folder, too.
export PYTHONUSERBASE="${PYTHONUSERBASE:-${HOME:-/root}/.local}"
export LOWFORMER_GPU_RUN="$work" LOWFORMER_CACHE="$work/cache" TMPDIR="$work" XDG_CACHE_HOME="$work/cache" HOME="$work"
remaining=$((seconds - ($(date +%s) - start) - 10))
[ "$remaining" -gt 20 ] || fail "unpacking has taken all of the $minutes minutes"
"$work/node" "$work/lowformer/dist/benchmarks/gpu/main.js" "$out" "$work" "$remaining" "$form" "$most" "$only" &
child=$!
# Where the program that watches the steps should hang itself.
(sleep $((remaining + 8)); kill -9 "$child" 2>/dev/null) >/dev/null 2>&1 &
watch=$!
wait "$child"; status=$?
kill "$watch" 2>/dev/null
[ "$status" -eq 137 ] && echo "run.sh: ended after $minutes minutes; what was measured is in $out" >&2
# No step of the names that were asked for: nothing was measured.
if [ ! -s "$out" ]; then rm -f "$out"; finish "$status"; fi
echo "results: $out"
finish "$status"
