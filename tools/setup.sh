#!/bin/sh
# Makes .venv with a fitting Python and everything in a lock file. Called by `make setup`; safe to call again.
# usage: tools/setup.sh LOCK STAMP
set -eu
cd "$(dirname "$0")/.."
lock=$1
stamp=$2
uv_version=0.13.9 # used only when the machine has no fitting Python

say() { printf '%s\n' "setup: $*"; }

fits() { # true when $1 runs and is a CPython that Bytewax has wheels for, with venv and pip at hand
    "$1" -c 'import sys, venv, ensurepip
assert (3, 11) <= sys.version_info[:2] < (3, 13) and sys.implementation.name == "cpython"' >/dev/null 2>&1
}

find_python() { # prints the first fitting command; PYTHON=... is tried before the usual names
    for name in ${PYTHON:+"$PYTHON"} python3.12 python3.11 python3; do
        if command -v "$name" >/dev/null 2>&1 && fits "$name"; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

fetch_python() { # fetches Python 3.12 with uv into .python and prints its path
    [ -x .venv-uv/bin/uv ] || {
        python3 -m venv .venv-uv >&2 && .venv-uv/bin/pip install --quiet --disable-pip-version-check "uv==$uv_version" >&2
    } || return 1
    UV_PYTHON_INSTALL_DIR="$PWD/.python" .venv-uv/bin/uv python install 3.12 >&2 || return 1
    UV_PYTHON_INSTALL_DIR="$PWD/.python" .venv-uv/bin/uv python find --managed-python 3.12
}

give_up() {
    say "no Python 3.12 or 3.11 was found, and fetching one with uv did not work (see above)." >&2
    say "Bytewax has wheels for these two only. Please install one, then run this again:" >&2
    say "  Debian 12:     apt install python3 python3-venv      (is 3.11)" >&2
    say "  Ubuntu 24.04:  apt install python3 python3-venv      (is 3.12)" >&2
    say "  anything else: pyenv install 3.12, or https://www.python.org; then PYTHON=/path/to/python3.12 make setup" >&2
    exit 1
}

# Two `make`s at once must not install into one .venv: the second waits, then finds the work done.
if command -v flock >/dev/null 2>&1; then
    exec 9>.setup.lock
    flock 9
fi
if [ "$stamp" -nt pyproject.toml ] && [ "$stamp" -nt "$lock" ]; then exit 0; fi

if ! { [ -x .venv/bin/python ] && fits .venv/bin/python; }; then
    python=$(find_python) || { say "no fitting Python here, fetching one with uv"; python=$(fetch_python); } || give_up
    say "making .venv with $python"
    "$python" -m venv --clear .venv
fi
say "installing $lock"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
touch "$stamp"
say "done: .venv/bin/radar"
