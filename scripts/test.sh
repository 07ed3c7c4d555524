#!/usr/bin/env bash
# usage: scripts/test.sh
# Everything that has to hold before a change goes in: format, lints, and all tests. Rendering tests run on a
# GPU where there is one and on software Vulkan elsewhere; LIGHTBOX_REQUIRE_GPU=1 makes them fail rather
# than skip when there is neither.

. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

need_build
for component in rustfmt clippy; do
    have "cargo-${component/rust/}" && continue
    have rustup || stop "cargo's $component is missing; install it with your Rust distribution"
    rustup component add "$component"
done
need_window
# A test must not depend on what happens to drive the screen, so the software driver is always at hand.
need_packages mesa-vulkan-drivers
choose_vulkan_driver
# A real archive to open studies from; the tests start one of their own and need no service.
need_archive
export LIGHTBOX_REQUIRE_GPU="${LIGHTBOX_REQUIRE_GPU:-1}"

step() {
    say "== $*"
    "$@"
}

step cargo fmt --check
step cargo clippy --release --locked --all-targets -- -D warnings
# The library without Bevy is a promise too.
step cargo clippy --release --locked --no-default-features --lib --bins -- -D warnings
step with_display cargo test --release --locked
say "All tests passed."
