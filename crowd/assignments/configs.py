"""Label configs and guidelines, by version. A version never changes, so a process reads and parses it once."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from crowd.labeling.config import LabelConfig, parse
from crowd.projects.models import ConfigVersion, GuidelinesVersion


@lru_cache(maxsize=512)
def raw(config_id: int) -> Mapping[str, Any]:
    """As it was stored; to be read only."""
    found: dict[str, Any] = ConfigVersion.objects.only("config").get(id=config_id).config
    return found


@lru_cache(maxsize=512)
def parsed(config_id: int) -> LabelConfig:
    return parse(raw(config_id))


@lru_cache(maxsize=128)
def guidelines(guidelines_id: int) -> GuidelinesVersion:
    """To be read only."""
    return GuidelinesVersion.objects.get(id=guidelines_id)
