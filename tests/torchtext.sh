#!/bin/sh
# The text exercises with torchtext's own objects: tests/torchtext.sh [FOLDER] [pytest's options]
# torchtext's last release wants torch 2.3 and Python 3.12 at most, so it gets an environment of its own in FOLDER.
# PYTHON names the interpreter; without it the newest one that fits is taken.
set -eu
cd "$(dirname "$0")/.."
folder=${1:-build/torchtext}
[ $# -eq 0 ] || shift

fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null; }

if ! [ -x "$folder/bin/python" ]; then
    for python in ${PYTHON:-python3.12 python3.11 python3}; do
        if fits "$python"; then break; fi
        python=
    done
    [ -n "$python" ] || { echo "torchtext needs Python 3.11 or 3.12. Set PYTHON to one." >&2; exit 1; }
    "$python" -m venv "$folder"
fi
"$folder/bin/pip" install --quiet --editable '.[data,torchtext]'
exec "$folder/bin/python" -m pytest tests/test_torchtext.py "$@"
