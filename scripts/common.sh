# Shared by the scripts beside it: what a machine has, and how to get what it lacks. Sourced, never run.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '%s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# Runs a command as root: directly, or through sudo. Fails where neither is possible.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif have sudo; then
        sudo "$@"
    else
        return 1
    fi
}

installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed$'; }

# Installs those of the named Debian packages that are missing. A machine where this is not possible may have
# the same things under other names, so it only says what was wanted and goes on.
need_packages() {
    local package missing=()
    if ! have dpkg-query || ! have apt-get; then
        [ "$(uname -s)" != Linux ] || say "Not a Debian system: install what these packages hold if it is missing: $*"
        return 0
    fi
    for package in "$@"; do
        installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "Installing ${missing[*]}"
    if as_root apt-get update -qq >&2 &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2; then
        return 0
    fi
    say "Could not install packages. As root: apt-get install ${missing[*]}"
}

# Whether some Vulkan driver has registered itself.
has_vulkan_driver() {
    [ -n "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ] && return 0
    local folder
    for folder in /usr/share/vulkan/icd.d /etc/vulkan/icd.d /usr/local/share/vulkan/icd.d "$HOME/.local/share/vulkan/icd.d"; do
        compgen -G "$folder/*.json" >/dev/null && return 0
    done
    return 1
}

has_display() { [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || [ "$(uname -s)" != Linux ]; }

has_gpu() { compgen -G '/dev/dri/renderD*' >/dev/null || compgen -G '/dev/nvidia[0-9]*' >/dev/null; }

# What a window needs at run time: libraries that are opened when the program starts, and a Vulkan driver.
need_window() {
    local packages=(
        libvulkan1 libx11-6 libx11-xcb1 libxcursor1 libxi6 libxkbcommon0 libxkbcommon-x11-0 libxcb1 libxrandr2
    )
    [ -z "${WAYLAND_DISPLAY:-}" ] || packages+=(libwayland-client0)
    has_vulkan_driver || packages+=(mesa-vulkan-drivers)
    has_display || packages+=(xvfb xauth)
    need_packages "${packages[@]}"
}

# The archive that tests talk to. Installing it would start it as a service, which nobody asked for: while it is
# installed, services are told to stay down.
need_archive() {
    [ -e /usr/share/orthanc/plugins/libOrthancDicomWeb.so ] && return 0
    local policy=/usr/sbin/policy-rc.d ours=
    if have dpkg-query && [ ! -e "$policy" ] && printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null 2>&1; then
        as_root chmod 755 "$policy"
        ours=yes
    fi
    need_packages orthanc orthanc-dicomweb
    [ -z "$ours" ] || as_root rm -f "$policy"
}

# Without a GPU, points the Vulkan loader at the software driver, so that it does not try all the others first.
choose_vulkan_driver() {
    [ -z "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ] || return 0
    has_gpu && return 0
    local file
    for file in /usr/share/vulkan/icd.d/lvp_icd*.json; do
        [ -e "$file" ] || continue
        # Loaders before 1.3.207 know only the older name.
        export VK_DRIVER_FILES="$file" VK_ICD_FILENAMES="$file"
        return 0
    done
}

# What a build needs: Rust and a C compiler.
need_build() {
    if ! have cargo && [ -f "$HOME/.cargo/env" ]; then
        # shellcheck disable=SC1091
        . "$HOME/.cargo/env"
    fi
    have cargo || stop "Rust is missing. Install it from https://rustup.rs and run this again:
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
    if ! have cc && [ "$(uname -s)" = Linux ]; then
        need_packages gcc libc6-dev
    fi
    have cc || stop "A C compiler is missing. On Debian and Ubuntu: apt-get install gcc libc6-dev"
}

build() {
    [ -d "$(target_folder)/release/deps" ] || say "The first build takes 10 to 20 minutes on two cores."
    cargo build --release --locked
}

target_folder() { printf '%s' "${CARGO_TARGET_DIR:-target}"; }

# The program as built, through cargo, which knows where it lies.
viewer() { cargo run --release --locked --quiet -- "$@"; }

# Runs a command with a display: the one that is there, or a virtual one for as long as the command lives.
with_display() {
    if has_display || ! have xvfb-run; then
        "$@"
    else
        xvfb-run --auto-servernum --server-args '-screen 0 1920x1200x24' "$@"
    fi
}
