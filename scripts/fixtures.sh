#!/usr/bin/env bash
# usage: scripts/fixtures.sh
# Writes the files in fixtures/ again with the generator of this project.

. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

need_build
build
viewer demo --fixtures fixtures
