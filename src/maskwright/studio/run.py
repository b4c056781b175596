"""Starts the studio: opens the folder, takes a port, serves, and shows the page."""

from __future__ import annotations

import errno
import ipaddress
import shutil
import socket
import threading
import webbrowser
from collections.abc import Callable, Iterable, Mapping
from importlib.resources import as_file, files
from pathlib import Path

import uvicorn

from maskwright.errors import DataError, MaskwrightError, StoreError
from maskwright.methods import MethodInfo
from maskwright.methods.base import Method
from maskwright.studio.app import create_app
from maskwright.workspace.annotator import Annotator
from maskwright.workspace.formats import coco_json
from maskwright.workspace.imports import import_set
from maskwright.workspace.project import open_project

DEFAULT_FOLDER = Path("maskwright-project")
"""Where dropped images go when no folder was named: below the current directory, so that they are easily found again."""

DEFAULT_PORT = 8765


def run_studio(
    folder: Path | None,
    load_method: Callable[[str], Method],
    methods: Mapping[str, MethodInfo],
    *,
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    open_browser: bool = True,
    store_url: str | None = None,
    samples: bool = False,
    imports: Iterable[Path] = (),
    further_hosts: Iterable[str] = (),
    say: Callable[[str], None] = print,
) -> None:
    """Serve the studio until it is stopped (Ctrl+C).

    Args:
        folder: holds the images; None: `maskwright-project` in the current directory, made when it is missing.
        load_method, methods: see `create_app`.
        host: the address to listen on.
        port: the port to listen on; 0: any that is free.
        open_browser: show the page in the browser.
        store_url: see `open_project`.
        samples: put maskwright's sample images into the folder, those that it lacks; the folder is made when it is missing.
        imports: COCO JSON files whose objects are added first.
        further_hosts: host names under which the page may be opened as well.
        say: takes what there is to tell the user, line by line.

    Raises:
        MaskwrightError: the port or the address cannot be had.
        ImageError: there is no such folder.
        DataError: a file to import cannot be read, or is no COCO JSON.
        StoreError: the folder cannot be made, or its annotations cannot be opened.
    """
    with listening_socket(host, port) as listener:
        if folder is None or samples:
            folder = _make_folder(folder or DEFAULT_FOLDER)
        if samples:
            _add_samples(folder)
        project = open_project(folder, store_url)
        importer = Annotator(project, methods, load_method)
        for path in imports:
            _import(path, importer, say)
        app = create_app(project, load_method, methods, host=host, further_hosts=further_hosts, warm_up=True)
        url = _page_url(host, listener.getsockname()[1])
        say(f"maskwright studio: {url}  ({project.folder}; Ctrl+C stops it)")
        if project.read_only:
            say("the folder is read-only: annotations can be looked at, not changed; --store keeps them elsewhere")
        if not _is_loopback(host):
            say(f"listening on {host}: whoever reaches this machine there can see and change these annotations")
        if open_browser:
            # The socket listens already, so that a quick browser waits instead of failing.
            threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", server_header=False, timeout_graceful_shutdown=2))
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:
            say("stopped; everything is saved")


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket that listens already.

    Raises:
        MaskwrightError: the port is in use or forbidden, or the host is none of this machine's addresses.

    Example:
        >>> with listening_socket("127.0.0.1", 0) as listener:
        ...     listener.getsockname()[0]
        '127.0.0.1'
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (OSError, UnicodeError) as e:  # the latter of names like a..b
        raise MaskwrightError(f"{host!r} is no address of this machine ({e}); give --host 127.0.0.1") from e
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError as e:
        listener.close()
        if e.errno == errno.EADDRINUSE:
            problem = "is in use, maybe by another studio; stop that one"
        elif e.errno == errno.EACCES:
            problem = "may not be used without special rights; take one from 1024 on"
        else:
            problem = f"cannot be used: {e.strerror}; check --host"
        raise MaskwrightError(f"port {port} on {host} {problem}, or choose a free port by --port 0") from e
    return listener


def _make_folder(folder: Path) -> Path:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as e:
        raise StoreError(f"the folder {folder.resolve()} cannot be made: {e.strerror}; name one that holds images") from e
    return folder


def _add_samples(folder: Path) -> None:
    with as_file(files("maskwright.studio") / "samples") as samples:
        for sample in sorted(samples.glob("*.jpg")):
            try:
                if not (folder / sample.name).exists():
                    shutil.copyfile(sample, folder / sample.name)
            except OSError as e:
                raise StoreError(f"{sample.name} cannot be put into {folder}: {e.strerror}; leave out --samples") from e


def _import(path: Path, annotator: Annotator, say: Callable[[str], None]) -> None:
    try:
        content = path.read_bytes()
    except OSError as e:
        raise DataError(f"{path} cannot be read ({e.strerror}); check the path") from e
    done = import_set(annotator, *coco_json.read(content, str(path)))
    say(f"{path}: {done.objects} objects added to {done.images} images")
    for note in done.notes:
        say(f"  {note}")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _page_url(host: str, port: int) -> str:
    shown = "127.0.0.1" if host in ("", "0.0.0.0", "::") else host
    return f"http://[{shown}]:{port}/" if ":" in shown else f"http://{shown}:{port}/"
