"""Files sent in and worked through, for all stories of uploads."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from django.core.files.storage import default_storage

from crowd.projects.models import Project, Upload
from crowd.projects.services import uploads
from crowd.users.models import User


def send(actor: User, project: Project, content: bytes | str, format: str = "csv", **options: Any) -> Upload:
    """Received, but not worked through."""
    stream = io.BytesIO(content.encode() if isinstance(content, str) else content)
    return uploads.receive(
        actor=actor, project_id=project.pk, stream=stream, filename=f"rows.{format}", format=format, options=options
    )


def bring(actor: User, project: Project, content: bytes | str, format: str = "csv", **options: Any) -> Upload:
    """Received and worked through."""
    return uploads.process(upload_id=send(actor, project, content, format, **options).pk)


def zipped(**files: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return file.getvalue()


def stored_files() -> list[str]:
    """Everything in the storage, uploads and media."""

    def walk(folder: str) -> Iterator[str]:
        try:
            folders, names = default_storage.listdir(folder)
        except FileNotFoundError:
            return
        yield from (f"{folder}/{name}" for name in names)
        for one in folders:
            yield from walk(f"{folder}/{one}")

    return sorted([*walk("uploads"), *walk("media")])
