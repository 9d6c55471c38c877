# What run.sh and test.sh do first, sourced by both: uv, the locked environment, the system libraries Qt needs.
# POSIX sh. Needs Python 3.11 or newer with pip, or uv; nothing else. Speaks on stderr. Called again, it only looks.

# The caller has set `root`, the folder of the checkout.

say() {
    printf 'labmon: %s\n' "$*" >&2
}

fail() { # fail STATUS SENTENCE...
    status=$1
    shift
    for sentence in "$@"; do say "$sentence"; done
    exit "$status"
}

# --- Python ----------------------------------------------------------------------------------------------------------

# Prints the first Python that labmon runs on. The range is that of pyproject.toml's requires-python.
find_python() {
    for candidate in python3 python3.13 python3.12 python3.11 python; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

# --- uv --------------------------------------------------------------------------------------------------------------

usable_uv() { # older ones do not understand this uv.lock; a shim may be there without what it stands for
    case $("$1" --version 2>/dev/null) in
        'uv 0.'[0-7].*) return 1 ;;
        'uv '*) return 0 ;;
        *) return 1 ;;
    esac
}

# Sets `uv`. --target touches neither the system's Python nor the user's, so pip allows it even where the distribution
# manages Python (PEP 668), and it needs no venv module, which Debian packages apart.
get_uv() {
    for uv in "$(command -v uv)" "$HOME/.local/bin/uv" "$root/.uv/bin/uv"; do
        if usable_uv "$uv"; then return; fi
    done
    python=$(find_python) || fail 2 \
        "Python 3.11, 3.12 or 3.13 is missing, and so is uv." \
        "On Debian or Ubuntu an administrator installs it with: sudo apt-get install -y python3 python3-pip"
    "$python" -m pip --version >/dev/null 2>&1 || fail 2 \
        "$python has no pip." \
        "On Debian or Ubuntu an administrator installs it with: sudo apt-get install -y python3-pip"
    say "fetching uv with pip"
    if ! answer=$(PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_REQUIRE_VIRTUALENV=0 PIP_USER=0 \
        "$python" -m pip install --quiet --upgrade --no-input --target "$root/.uv" 'uv>=0.8' 2>&1 </dev/null); then
        printf '%s\n' "$answer" >&2
        fail 2 "pip could not fetch uv: see above."
    fi
    uv=$root/.uv/bin/uv
    usable_uv "$uv" || fail 2 "The uv that pip fetched does not run on this machine: $uv"
}

# --- the locked environment ------------------------------------------------------------------------------------------

sync_environment() { # sync_environment [OPTION OF uv sync]...
    [ -x "$root/.venv/bin/labmon" ] || say "installing the locked environment (the first time: about 150 MB)"
    "$uv" sync --quiet --project "$root" --locked "$@" </dev/null ||
        fail 2 "The environment could not be installed: see above. uv.lock names every package it needs."
}

# --- the system libraries Qt needs -----------------------------------------------------------------------------------

offscreen_libraries='
    libEGL.so.1=libegl1
    libGL.so.1=libgl1
    libglib-2.0.so.0=libglib2.0-0
    libgthread-2.0.so.0=libglib2.0-0
    libfontconfig.so.1=libfontconfig1
    libxkbcommon.so.0=libxkbcommon0
    libdbus-1.so.3=libdbus-1-3
'
screen_libraries='
    libxcb-cursor.so.0=libxcb-cursor0
    libxcb-icccm.so.4=libxcb-icccm4
    libxcb-keysyms.so.1=libxcb-keysyms1
    libxcb-image.so.0=libxcb-image0
    libxcb-randr.so.0=libxcb-randr0
    libxcb-render-util.so.0=libxcb-render-util0
    libxcb-shape.so.0=libxcb-shape0
    libxkbcommon-x11.so.0=libxkbcommon-x11-0
'

# Prints the Debian packages of those libraries the loader does not find, each once.
missing_packages() { # missing_packages LIBRARY=PACKAGE...
    "$root/.venv/bin/python" -I -c '
import ctypes, sys

packages = {}
for pair in sys.argv[1:]:
    library, package = pair.split("=")
    try:
        ctypes.CDLL(library)
    except OSError:
        packages[package] = library
print(*packages)
' "$@"
}

# Names of patients and sites may be Chinese. Wanted with the rest, but nobody is kept from working for want of it.
missing_font() {
    ls /usr/share/fonts/*/*/*[Cc][Jj][Kk]* /usr/share/fonts/*/*/wqy-* >/dev/null 2>&1 || echo fonts-wqy-microhei
}

# shellcheck disable=SC2086  # lists of words, split on purpose
need_libraries() { # need_libraries LIBRARY=PACKAGE...
    [ $# -gt 0 ] || return 0
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    packages="$missing $(missing_font)"
    packages=${packages% }
    install="apt-get update && apt-get install -y --no-install-recommends $packages"
    if ! command -v apt-get >/dev/null 2>&1; then
        fail 3 "Qt needs system libraries this machine lacks. Debian and Ubuntu call their packages: $packages"
    elif [ "$(id -u)" -eq 0 ]; then
        as_root=
    elif sudo -n true 2>/dev/null; then
        as_root='sudo -n'
    else
        fail 3 "Qt needs system libraries this machine lacks. Ask an administrator to run this one command, then try again:" \
            "sudo sh -c '$install'"
    fi
    say "installing the system libraries Qt needs: $packages"
    if ! answer=$($as_root env DEBIAN_FRONTEND=noninteractive sh -c "$install" 2>&1 </dev/null); then
        printf '%s\n' "$answer" >&2
        fail 3 "They could not be installed: see above. The command was: sudo sh -c '$install'"
    fi
    missing=$(missing_packages "$@")
    [ -z "$missing" ] || fail 3 "These packages are installed, but the loader still does not find their libraries: $missing"
}

# --- what uv should know about this machine --------------------------------------------------------------------------

unset VIRTUAL_ENV # another project's environment is none of our business
export UV_PROJECT_ENVIRONMENT="$root/.venv"
# A container may forbid Python to write bytecode; without it every start takes twice as long.
unset PYTHONDONTWRITEBYTECODE
export UV_COMPILE_BYTECODE=1
export UV_HTTP_TIMEOUT="${UV_HTTP_TIMEOUT:-180}"
export UV_PYTHON_PREFERENCE="${UV_PYTHON_PREFERENCE:-system}"
: "${HOME:=$root/.uv}" # a service account may have none
export HOME
# Hospitals inspect TLS with certificates of their own, which only the system's bundle knows.
if [ -z "${SSL_CERT_FILE:-}" ] && [ -r /etc/ssl/certs/ca-certificates.crt ]; then
    export SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
fi
