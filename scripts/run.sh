#!/usr/bin/env bash
# usage: scripts/run.sh ARGUMENT...
# Builds `viewer` and runs it with the arguments. On a machine without a display it runs on a virtual one, writes
# what the window shows into a picture and says where.

. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

need_build
case "${1:-}" in
render | pixels | info | -h | --help | -V | --version)
    # No window, no display.
    build
    viewer "$@"
    exit
    ;;
esac

need_window
choose_vulkan_driver
build
if has_display; then
    viewer "$@"
    exit
fi

case " $* " in
*' --screenshot'* | *' --write'*)
    with_display cargo run --release --locked --quiet -- "$@"
    exit
    ;;
esac

picture="$(target_folder)/screenshot.png"
extra=(--screenshot "$picture")
case " $* " in *' --size'*) ;; *) extra+=(--size 1920x1080) ;; esac
have xvfb-run || extra+=(--headless)
say "No display: taking a picture of the window on a virtual one."
with_display cargo run --release --locked --quiet -- "$@" "${extra[@]}"
say "The picture is here: $(realpath "$picture")"
