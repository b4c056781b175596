"""`maskwright segment`: one image, one object, one mask; or paint, and a class for every pixel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from maskwright.cli.points import ManyPoints, parse_box, parse_points
from maskwright.errors import PromptError
from maskwright.prompts import BoundaryPoint, Box, Click, ExtremePoints, OutlineForm, Part, Prompt, from_json


def register(app: typer.Typer) -> None:
    """Mount the command."""
    app.command("segment", cls=ManyPoints, no_args_is_help=True)(segment)


def segment(
    image: Path = typer.Argument(metavar="IMAGE", help="The image file (JPEG, PNG, ...).", show_default=False),
    method: str = typer.Option("dextr", "--method", "-m", help="How to predict; [bold]maskwright methods[/] lists them."),
    points: list[str] = typer.Option(
        [], "--points", "-p", metavar="X,Y ...", help="The object's left-, right-, top- and bottom-most points, in any order."
    ),
    boundary: list[str] = typer.Option(
        [], "--boundary", "-b", metavar="X,Y ...", help="Further points on the object's true boundary, where the mask is wrong."
    ),
    clicks: list[str] = typer.Option([], "--click", "-c", metavar="X,Y ...", help="Points on the object."),
    off: list[str] = typer.Option([], "--off", metavar="X,Y ...", help="Points off the object; they come after all --click."),
    box: str | None = typer.Option(
        None, "--box", metavar="X,Y,X,Y", help="Left, top, right, bottom, for methods that take a box.", show_default=False
    ),
    vertices: int | None = typer.Option(
        None,
        "--vertices",
        metavar="N",
        help="How many control points the outline of the box gets, 6 to 200, for methods that draw outlines; they choose "
        "without it.",
        show_default=False,
    ),
    curve: str | None = typer.Option(
        None,
        "--curve",
        metavar="spline|polygon",
        help="How these are joined: by a smooth curve through all of them, or by straight lines.",
        show_default=False,
    ),
    prompts: Path | None = typer.Option(
        None,
        "--prompts",
        metavar="FILE",
        help="A JSON file with a list of prompts, as the studio and the HTTP API use. Paint comes this way: "
        '[{"kind": "stroke", "points": [[12, 30], [80, 34]], "class_id": 1, "radius": 5}, ...], oldest first; '
        "class 0 erases.",
        show_default=False,
    ),
    mask: Path | None = typer.Option(
        None,
        "--mask",
        metavar="FILE",
        help="The object's mask so far, for methods that go on from one: [bold].png[/], any pixel but 0 being the object, or "
        "[bold].json[/] as --output writes it.",
        show_default=False,
    ),
    candidate: int = typer.Option(
        1, "--candidate", metavar="N", help="Which mask to give, of a method that answers several; 1 is the best."
    ),
    output: Path | None = typer.Option(
        None,
        "--output",
        "-o",
        metavar="FILE",
        help="Where to write: [bold].png[/], a mask of 0 and 255, or [bold].json[/], a COCO annotation with polygons, and with "
        "the control points of methods that draw outlines. Of paint: .png, numbers of classes with a palette, or .json, "
        "every class's area and run-length code. Without it, a summary is printed.",
        show_default=False,
    ),
    engine: str = typer.Option("onnxruntime", help="What runs the network: onnxruntime or openvino."),
    threads: int | None = typer.Option(None, min=1, help="CPU threads of the engine; the default suits the machine."),
) -> None:
    """Turn four extreme points, clicks or a box into the mask of one object, or strokes into the classes of all pixels.

    Points are x,y in pixels of the upright image; the top-left pixel is 0,0.

    [bold]Examples[/]

      maskwright segment cat.jpg --points 40,210 388,190 215,32 230,400 -o cat.png

      maskwright segment cat.jpg --points 40,210 388,190 215,32 230,400 --boundary 300,95 -o cat.json

      maskwright segment cat.jpg --method latent-diversity --click 210,180 --off 60,40 90,300 -o cat.png

      maskwright segment cat.jpg --method latent-diversity --mask cat.png --off 300,95 -o better.png

      maskwright segment cat.jpg --method curve-gcn --box 40,32,388,400 --vertices 30 --curve polygon -o cat.json

      maskwright segment room.jpg --method watershed --prompts strokes.json -o classes.png
    """
    from maskwright.cli import output as files

    write = files.writer(output) if output else None
    given = gather(points, boundary, box, clicks, off, prompts, outline_form(vertices, curve))
    if mask:
        check_continues(method)

    from maskwright.api import segment as predict
    from maskwright.cli.masks import read_mask
    from maskwright.vision.images import read_image

    pixels = read_image(image)
    before = read_mask(mask, pixels) if mask else None
    prediction = predict(pixels, given, method, mask=before, engine=engine, threads=threads)
    record = files.Record(image.name, method, given, prediction, candidate)
    if write:
        write(record)
        if record.candidate.notice:
            typer.echo(record.candidate.notice, err=True)
    else:
        files.print_summary(record)


def check_continues(method: str) -> None:
    """Refuse a mask that the method would ignore.

    Raises:
        PromptError: it would.
    """
    from maskwright.methods import METHODS, goes_on

    if not goes_on(method):
        able = " or ".join(f"--method {name}" for name, info in METHODS.items() if info.continues)
        raise PromptError(f"{method} does not go on from a mask; leave --mask out, or use {able}")


def outline_form(vertices: int | None, curve: str | None) -> OutlineForm | None:
    """How a box's outline is to be drawn; None where nothing is said of it.

    Raises:
        PromptError: it cannot be drawn so.

    Example:
        >>> outline_form(12, None)
        OutlineForm(vertices=12, curve='spline')
    """
    given = {"vertices": vertices, "curve": curve}
    said: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    return OutlineForm(**said) if said else None


def gather(
    points: list[str],
    boundary: list[str],
    box: str | None,
    clicks: list[str],
    off: list[str],
    prompts: Path | None,
    form: OutlineForm | None = None,
) -> list[Prompt]:
    """Collect the prompts of all options, those of the file first.

    Raises:
        PromptError: there are none, one is malformed, or there is no box that the outline's form could be of.
    """
    given: list[Prompt] = read_prompts(prompts) if prompts else []
    if points:
        given.append(ExtremePoints(parse_points(points, "--points")))  # type: ignore[arg-type]  # it counts them itself
    if box:
        given.append(parse_box(box))
    if form:
        if not any(isinstance(prompt, Box | Part) for prompt in given):
            raise PromptError("--vertices and --curve say how the outline of a box is drawn; give --box left,top,right,bottom")
        given.append(form)
    given += [BoundaryPoint(x, y) for x, y in parse_points(boundary, "--boundary")]
    given += [Click(x, y) for x, y in parse_points(clicks, "--click")]
    given += [Click(x, y, positive=False) for x, y in parse_points(off, "--off")]
    if not given:
        raise PromptError(
            "no prompts given; give the object's four extreme points, --points x,y x,y x,y x,y, "
            "or click on it: --method latent-diversity --click x,y"
        )
    return given


def read_prompts(path: Path) -> list[Prompt]:
    """Read a JSON list of prompts.

    Raises:
        PromptError: the file cannot be read, is not JSON, or holds something other than a list of prompts.
    """
    import json

    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PromptError(f"{path}: cannot be read ({error.strerror}); give a JSON file with a list of prompts") from error
    except (ValueError, RecursionError) as error:
        raise PromptError(f"{path}: is not JSON ({error}); give a list of prompts") from error
    if not isinstance(values, list):
        raise PromptError(f"{path}: holds {type(values).__name__}; give a list of prompts")
    return [from_json(value) for value in values]
