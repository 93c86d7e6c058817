#!/bin/sh
# Resolves pyproject.toml into locks/*.txt: exact versions and hashes, for Python 3.11 and 3.12 on every platform.
# `make lock` keeps versions already locked where they still fit; `make lock UPGRADE=1` takes the newest.
set -eu
cd "$(dirname "$0")/.."

venv=.venv-lock
[ -x "$venv/bin/uv" ] || { "${PYTHON:-python3}" -m venv "$venv" && "$venv/bin/pip" install --quiet --disable-pip-version-check uv==0.13.9; }

resolve() { # resolve OUT ARGS...: the pins and hashes of one set of extras
    out=$1
    shift
    [ -z "${UPGRADE:-}" ] || rm -f "$out"
    "$venv/bin/uv" pip compile pyproject.toml "$@" --quiet \
        --universal --python-version 3.11 --fork-strategy fewest \
        --generate-hashes --no-annotate --custom-compile-command "make lock" --no-emit-index-url --no-emit-find-links --output-file "$out"
    echo "$out: $(grep -c '==' "$out") packages"
}

mkdir -p locks
resolve locks/run.txt
resolve locks/dev.txt --extra dev --constraints locks/run.txt
resolve locks/bench.txt --extra dev --extra bench --constraints locks/dev.txt
