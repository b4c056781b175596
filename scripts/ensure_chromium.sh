#!/usr/bin/env bash
# Installs Debian's chromium for the browser tests where it is missing and this user may; else says so and goes on:
# the browser tests then name what is missing, and fail under CI.
set -euo pipefail
for name in chromium chromium-browser google-chrome; do
  command -v "$name" >/dev/null && exit 0
done
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium && exit 0
fi
echo "note: no chromium here and it could not be installed; on Debian, as root: apt-get install chromium" >&2
