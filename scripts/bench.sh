#!/usr/bin/env bash
# usage: scripts/bench.sh [FILTER]
# Times what the benches measure. Close other programs first.

. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

need_build
need_window
choose_vulkan_driver
build
with_display cargo bench --locked "$@"
