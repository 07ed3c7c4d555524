#!/usr/bin/env bash
# usage: scripts/build.sh
# Builds the release binary.

. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

need_build
build
say "The program is here: $(realpath "$(target_folder)/release/viewer")"
