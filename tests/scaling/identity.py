"""As whom a server is started that refuses to run as root."""

import os
import pwd
from pathlib import Path
from typing import Any


def as_user_of(place: str | None, folder: Path) -> dict[str, Any]:
    """For subprocess: the owner of a folder, as of the database server's socket, else nobody; only where this process
    is root. `folder` and what is in it is given to him."""
    if os.geteuid() != 0:
        return {}
    owned = Path(place) if place else None
    user = pwd.getpwuid(owned.stat().st_uid) if owned and owned.is_dir() else pwd.getpwnam("nobody")
    for path in (folder, *folder.iterdir()):
        os.chown(path, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
