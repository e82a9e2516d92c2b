#!/bin/sh
# bare_root.sh FOLDER PROGRAM…: a root folder with a shell, what run.sh asks of a system, and nothing else: no Node, no C++ library.
# With DRIVER (a description of a Vulkan driver) its library and what that is linked against lie there too.
set -eu
root=$1
mkdir -p "$root/bin" "$root/proc" "$root/dev" "$root/tmp" "$root/etc" "$root/read-only" "$root/lib64"
ln -sfn bin "$root/sbin"
libraries() { ldd "$1" | awk '/=> \// { print $3 } /^[ \t]*\/lib/ { print $1 }'; }
take() { [ -e "$root$2" ] || { mkdir -p "$root$(dirname "$2")" && cp -L "$1" "$root$2"; }; }
for name in sh uname date mktemp chmod rm mv tar grep mkdir cp head sleep dirname cat; do
  program=$(realpath "$(command -v "$name")")
  take "$program" "/bin/$name"
  for library in $(libraries "$program"); do take "$library" "$library"; done
done
# The C library's own parts, which every Linux has and programs find by name.
for name in libdl.so.2 libm.so.6 libpthread.so.0 librt.so.1; do
  library=$(ldconfig -p | awk -v name="$name" '$1 == name && /x86-64/ { print $NF; exit }')
  take "$library" "$library"
done
if [ -n "${DRIVER:-}" ]; then
  library=$(sed 's/.*"library_path":"\([^"]*\)".*/\1/' "$DRIVER")
  take "$library" "$library"
  take "$DRIVER" /driver.json
  for needed in $(libraries "$library"); do take "$needed" "$needed"; done
fi
