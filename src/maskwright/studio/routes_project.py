"""The API about the project: its images, its labels, uploads and exports."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, File, HTTPException, Query, Response, UploadFile

from maskwright import __version__
from maskwright.errors import ImageError
from maskwright.studio import schemas, views
from maskwright.studio.export import Format, export
from maskwright.workspace.annotator import Annotator
from maskwright.workspace.formats import coco_json
from maskwright.workspace.imports import import_set
from maskwright.workspace.labels import Label


def project_routes(annotator: Annotator, max_file: int) -> APIRouter:
    """The routes below /api that are not about one image. `max_file`: bytes that one upload may have."""
    routes = APIRouter()
    project = annotator.project

    @routes.get("/project")
    def get_project() -> schemas.ProjectRecord:
        """The folder that is open: its images, labels, and the methods there are."""
        return schemas.ProjectRecord(
            folder=str(project.folder),
            read_only=project.read_only,
            images=views.image_records(project.images(), project.store.object_counts(), project.store.painted()),
            labels=[schemas.LabelRecord(name=label.name, color=label.color) for label in project.store.labels()],
            methods=[
                schemas.MethodRecord(name=m.name, title=m.title, gesture=m.gesture, accepts=list(m.accepts))
                for m in annotator.methods.values()
            ],
            version=__version__,
        )

    @routes.post("/images")
    def post_images(file: Annotated[list[UploadFile], File(description="One or more images.")]) -> schemas.Upload:
        """Put images into the folder, each under a safe name that is not yet taken."""
        added, rejected = [], []
        for upload in file:
            name = upload.filename or "image"
            if (upload.size or 0) > max_file:
                message = f"{name} has {(upload.size or 0) / 1e6:.0f} MB, more than the {max_file / 1e6:.0f} MB that are taken"
                if len(file) == 1:
                    raise HTTPException(413, message)
                rejected.append(schemas.Rejected(name=name, message=message))
                continue
            try:
                added.append(project.add_image(name, upload.file.read()))
            except ImageError as e:
                rejected.append(schemas.Rejected(name=name, message=str(e)))
        return schemas.Upload(images=views.image_records(added, {}, ()), rejected=rejected)

    @routes.post("/import")
    def post_import(file: Annotated[UploadFile, File(description="A COCO JSON file.")]) -> schemas.ImportAnswer:
        """Add the file's objects to the images of the same names. Those that are there already stay as they are."""
        annotated, notes = coco_json.read(file.file.read(), file.filename or "the file")
        done = import_set(annotator, annotated, notes)
        return schemas.ImportAnswer(images=done.images, objects=done.objects, notes=list(done.notes))

    @routes.put("/labels")
    def put_labels(labels: schemas.Labels) -> schemas.Labels:
        """Replace the project's labels. Objects keep theirs, even those that are no longer in the list."""
        new = [Label(label.name, label.color) for label in labels.labels]
        project.store.set_labels(new)
        return schemas.Labels(labels=[schemas.LabelRecord(name=label.name, color=label.color) for label in new])

    @routes.get(
        "/export", response_class=Response, responses={200: {"content": {"application/json": {}, "application/zip": {}}}}
    )
    def get_export(
        format: Annotated[
            Format,
            Query(description="COCO JSON; index PNGs of every image in a zip; or COCO panoptic, JSON and PNGs in a zip."),
        ],
    ) -> Response:
        """All annotations as a file. The header X-Maskwright-Notes (URL-encoded) says what the format could not hold.

        Where that is too much for a header, it names the JSON file of the export that says all of it.
        """
        made = export(project, format)
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(made.name)}",
            "X-Maskwright-Notes": made.notes_header(),
            "Cache-Control": "no-store",
        }
        return Response(made.content, media_type=made.media_type, headers=headers)

    return routes
