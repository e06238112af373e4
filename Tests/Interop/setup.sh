#!/bin/bash
# usage: setup.sh [PACKAGE...]
# Prints the Python that the peers run on, after making its environment once, and with these packages besides.
# Debian packages: python3 python3-venv.
set -euo pipefail
venv=${TCHAT_PEERS_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/tchat-peers/venv}
if [ ! -f "$venv/ready" ]; then
    echo "Making the Python environment of the test peers in $venv (once) ..." >&2
    python3 -m venv "$venv" >&2
    "$venv/bin/pip" install -q --disable-pip-version-check aiortc 'python-socketio[asyncio-client]' aiohttp websockets psutil numpy >&2
    # Only for the official socket.io-client bundle that it carries, so without what it depends on.
    "$venv/bin/pip" install -q --disable-pip-version-check --no-deps nicegui >&2
    touch "$venv/ready"
fi
for package; do
    [ -f "$venv/has-$package" ] && continue
    "$venv/bin/pip" install -q --disable-pip-version-check "$package" >&2
    touch "$venv/has-$package"
done
echo "$venv/bin/python"
