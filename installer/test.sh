#!/bin/sh
# Sets labmon up, the first time, and runs the checks and the tests: sh installer/test.sh [ARGUMENT OF pytest]...
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
. "$root/installer/prepare.sh"

get_uv
sync_environment --group dev
# shellcheck disable=SC2086  # a list of words
need_libraries $offscreen_libraries

cd "$root"
export QT_QPA_PLATFORM=offscreen

failed=
check() { # check NAME COMMAND...: quiet unless it fails; the rest still runs, so that one round tells everything
    name=$1
    shift
    say "$name"
    answer=$("$uv" run --quiet --no-sync "$@" 2>&1 </dev/null) || {
        printf '%s\n' "$answer" >&2
        failed="$failed '$name'"
    }
}

check 'ruff check' ruff check .
check 'ruff format' ruff format --check .
check 'mypy' mypy
check 'import contracts' lint-imports
[ -z "$failed" ] || say "failed, see above:$failed"

# One process, not `-n 2`: reading a file already occupies the second core with its guarded child, the limits on that
# child are in seconds, and the whole suite takes minutes, not tens of them.
say 'pytest'
status=0
"$uv" run --quiet --no-sync pytest "$@" || status=$?
[ -z "$failed" ] || [ "$status" -ne 0 ] || status=1
exit "$status"
