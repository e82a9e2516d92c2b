#!/usr/bin/env bash
# The tests that need more than Node: brings what can be brought, then runs them. Arguments go to vitest.
set -euo pipefail
cd "$(dirname "$0")/../.."
bash test/devices/install.sh
node tools/build.js --if-older
LOWFORMER_TEST_DEVICES=1 exec npx vitest run test/devices test/tools/web test/tools/commands/analyse.test.ts "$@"
