#!/usr/bin/env bash
# The tests that need more than Node: brings what can be brought, then runs them. Arguments go to vitest.
set -euo pipefail
cd "$(dirname "$0")/../.."
# What needs a browser and nothing else has run in `npm run test:all` where one was there before.
pages="test/tools/web test/service/page.test.ts test/entry/web.test.ts test/tools/commands/analyse.test.ts"
if [ -x "${CHROMIUM:-/usr/bin/chromium}" ]; then pages=""; fi
bash test/devices/install.sh
node tools/build.js --if-older
python=${LOWFORMER_DEVICES:-$PWD/test/devices/.cache}/python/bin/python
if [ -x "$python" ]; then export LOWFORMER_PYTHON=${LOWFORMER_PYTHON:-$python}; fi
# shellcheck disable=SC2086
LOWFORMER_TEST_DEVICES=1 exec npx vitest run test/devices $pages test/tools/commands/export.test.ts \
  test/graph/onnx/precision.test.ts test/package/api_reference.test.ts \
  test/package/installed.test.ts test/training/network/browser.test.ts "$@"
