#!/usr/bin/env bash
# usage: scripts/screenshots.sh
# Draws the pictures of the README again, from the demo study, without a window.

. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

need_build
need_window
choose_vulkan_driver
build
mkdir -p assets/screenshots
with_display cargo run --release --locked --quiet -- demo --headless --size 1920x1080 \
    --screenshot assets/screenshots/demo.png
say "Written: assets/screenshots/demo.png"
