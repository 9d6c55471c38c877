#!/bin/sh
# Sets labmon up on a bare Debian or Ubuntu machine, the first time, and starts it: sh installer/run.sh [demo ...]
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
. "$root/installer/prepare.sh"

# Only the window and the demo draw; the other subcommands never load Qt.
case ${1-} in
    '' | demo | --study) libraries=$offscreen_libraries ;;
    *) libraries= ;;
esac
if [ -n "$libraries" ] && [ -n "${DISPLAY-}${WAYLAND_DISPLAY-}" ]; then
    case " $* " in
        *' --headless '*) ;;
        *) libraries="$libraries $screen_libraries" ;;
    esac
fi

get_uv
sync_environment --no-dev --inexact # what a developer has installed beside it stays
# shellcheck disable=SC2086  # a list of words
need_libraries $libraries

exec "$uv" run --quiet --no-sync --project "$root" labmon "$@"
