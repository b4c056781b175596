#!/usr/bin/env python3
"""Build the studio's web face from web/ into src/maskwright/studio/static/ (npm ci, type check, Vite).

    python scripts/build_web.py                build
    python scripts/build_web.py --if-changed   build unless what is there was built from these sources
    python scripts/build_web.py --check        type-check, run the unit tests, build if changed (for the browser tests)

Needs Node.js on the PATH or at .venv/node, where scripts/ensure_node.sh puts one.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
STATIC = ROOT / "src" / "maskwright" / "studio" / "static"
BUILT_FROM = STATIC / ".built-from"
INSTALLED_FROM = WEB / "node_modules" / ".installed-from"
OLDEST_NODE = (20, 19)
SEARCH = os.pathsep.join((str(ROOT / ".venv" / "node"), os.environ.get("PATH", "")))


def main() -> int:
    """Do what the arguments say; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--if-changed", action="store_true", help="build unless the build is up to date")
    parser.add_argument("--check", action="store_true", help="run the web face's own checks first")
    arguments = parser.parse_args()
    sources = fingerprint(path for path in WEB.rglob("*") if path.relative_to(WEB).parts[0] not in ("node_modules", "test"))
    fresh = BUILT_FROM.is_file() and BUILT_FROM.read_text() == sources
    if fresh and arguments.if_changed and not arguments.check:
        return 0
    if problem := node_problem():
        print(f"The web face needs Node.js {OLDEST_NODE[0]}.{OLDEST_NODE[1]} or newer: {problem}", file=sys.stderr)
        print("scripts/ensure_node.sh puts one into .venv.", file=sys.stderr)
        return 1
    try:
        install()
        if arguments.check:
            npm("run", "check")
            npm("run", "test")
        if not (fresh and (arguments.check or arguments.if_changed)):
            npm("run", "build")
            BUILT_FROM.write_text(sources)
    except subprocess.CalledProcessError as e:
        print(f"failed: {' '.join(e.cmd)}", file=sys.stderr)
        return 1
    return 0


def fingerprint(paths: Iterable[Path]) -> str:
    """A digest of the files' names and contents."""
    digest = hashlib.sha256()
    for path in sorted(path for path in paths if path.is_file()):
        digest.update(f"{path.relative_to(WEB).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def node_problem() -> str | None:
    """What is wrong with the Node.js here; None when nothing is."""
    node = shutil.which("node", path=SEARCH)
    if node is None or shutil.which("npm", path=SEARCH) is None:
        return "none is here"
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    found = re.match(r"v(\d+)\.(\d+)", version)
    new_enough = found is not None and (int(found[1]), int(found[2])) >= OLDEST_NODE
    return None if new_enough else f"{node} is {version or 'broken'}"


def install() -> None:
    """`npm ci`, unless what is installed is what the lock file asks for."""
    wanted = fingerprint([WEB / "package-lock.json"])
    if not (INSTALLED_FROM.is_file() and INSTALLED_FROM.read_text() == wanted):
        npm("ci")
        INSTALLED_FROM.write_text(wanted)


def npm(*arguments: str) -> None:
    """Run npm in web/."""
    command = [shutil.which("npm", path=SEARCH) or "npm", *arguments]
    subprocess.run(command, cwd=WEB, env={**os.environ, "PATH": SEARCH}, check=True)


if __name__ == "__main__":
    sys.exit(main())
