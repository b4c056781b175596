"""`maskwright studio`: the annotation tool in the browser."""

from __future__ import annotations

from pathlib import Path

import typer


def register(app: typer.Typer) -> None:
    """Mount the command."""
    app.command("studio")(studio)


def studio(
    folder: Path | None = typer.Argument(
        None,
        metavar="[FOLDER]",
        help="The folder of images. Without it, [bold]maskwright-project[/] in the current directory is made and used; "
        "drop images on the page.",
        show_default=False,
    ),
    port: int = typer.Option(8765, min=0, max=65535, help="The port to listen on; 0: any that is free."),
    host: str = typer.Option("127.0.0.1", help="The address to listen on. There is no password: keep to this machine."),
    browser: bool = typer.Option(True, "--browser/--no-browser", help="Open the page in the browser."),
    samples: bool = typer.Option(False, "--samples", help="Put four sample images into the folder, those that it lacks."),
    imports: list[Path] = typer.Option(
        [],
        "--import",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="A COCO JSON file, whose objects are added to the images of the same names; may be repeated.",
        show_default=False,
    ),
    store: str | None = typer.Option(
        None,
        metavar="URL",
        help="Where annotations go, an SQLAlchemy URL; [bold]FOLDER/.maskwright/project.sqlite[/] unless given. It holds one "
        "folder's: another folder's images of the same names would have the same annotations.",
        show_default=False,
    ),
    allow_host: list[str] = typer.Option([], metavar="NAME", help="A host name under which the page may be opened as well."),
    engine: str = typer.Option("onnxruntime", help="What runs the networks: onnxruntime or openvino."),
    threads: int | None = typer.Option(None, min=1, help="CPU threads of the engine; the default suits the machine."),
) -> None:
    """Annotate a folder of images in the browser.

    Every gesture is saved at once, beside the images.

    [bold]Examples[/]

      maskwright studio photos/

      maskwright studio --samples

      maskwright studio photos/ --import annotations.json
    """
    from functools import partial

    from maskwright.methods import METHODS, load_method
    from maskwright.studio.run import run_studio

    run_studio(
        folder,
        partial(load_method, engine=engine, threads=threads),
        METHODS,
        host=host,
        port=port,
        open_browser=browser,
        store_url=store,
        samples=samples,
        imports=imports,
        further_hosts=allow_host,
        say=typer.echo,
    )
