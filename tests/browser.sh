#!/bin/sh
# Make sure that there is a Chromium for the browser tests: the system's, else the
# distribution's package, else Playwright's own download.
set -eu
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
as_root=""
if [ "$(id -u)" -ne 0 ]; then as_root="sudo -n"; fi
if command -v apt-get >/dev/null 2>&1 && $as_root true 2>/dev/null; then
    $as_root apt-get update -qq || true
    if $as_root apt-get install -y -qq chromium fonts-noto-cjk >/dev/null; then exit 0; fi
fi
python -m playwright install chromium
