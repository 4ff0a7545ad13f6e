"""The layers of the house, where import-linter cannot look: foreign keys, new packages, and what an import drags in."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Field, Model

ROOT = Path(__file__).resolve().parent.parent
ENTRANCES = {"crowd.settings", "crowd.wsgi", "crowd.asgi", "crowd.celery"}
PURE = ["crowd.quality", "crowd.labeling"]


def layers() -> list[set[str]]:
    """The packages of each layer, top first, as pyproject.toml tells import-linter."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (contract,) = [each for each in config["tool"]["importlinter"]["contracts"] if each["type"] == "layers"]
    return [{name.strip(" ()") for name in line.split("|")} for line in contract["layers"]]


def height(package: str) -> int | None:
    """How far below the top; None for Django's and other people's packages."""
    places = [depth for depth, names in enumerate(layers()) if package in names]
    return places[0] if places else None


def foreign_keys() -> list[tuple[type[Model], Field, type[Model]]]:
    return [
        (model, field, field.related_model)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, Field) and isinstance(field.related_model, type)
    ]


def test_foreign_keys_point_downward() -> None:
    ours = {config.label: config.name for config in apps.get_app_configs() if height(config.name) is not None}
    upward = []
    for model, field, target in foreign_keys():
        source, goal = ours.get(model._meta.app_label), ours.get(target._meta.app_label)
        if source and goal and source != goal and (height(source) or 0) >= (height(goal) or 0):
            upward.append(f"{model._meta.label}.{field.name} -> {target._meta.label}")

    assert len(ours) >= 8
    assert upward == []


def test_every_package_of_ours_has_a_layer() -> None:
    inside = [
        entry for entry in (ROOT / "crowd").iterdir() if entry.suffix == ".py" or (entry / "__init__.py").exists()
    ]
    names = {f"crowd.{entry.stem}" for entry in inside if entry.stem != "__init__"} | {"workers", "qualifications"}

    without = {name for name in names - ENTRANCES if height(name) is None}

    assert without == set()


def test_the_project_package_is_empty() -> None:
    assert (ROOT / "crowd" / "__init__.py").read_text() == ""


@pytest.mark.parametrize("package", PURE)
def test_the_pure_packages_load_no_django(package: str) -> None:
    program = f"import sys, {package}; print(sorted({{m.split('.')[0] for m in sys.modules}} & {{'django', 'celery'}}))"

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)

    assert done.stdout == "[]\n", done.stderr
