"""Parsed label configs. A config version never changes, so a process parses it once."""

from functools import lru_cache

from crowd.labeling.config import LabelConfig, parse
from crowd.projects.models import ConfigVersion


@lru_cache(maxsize=512)
def parsed(config_id: int) -> LabelConfig:
    return parse(ConfigVersion.objects.only("config").get(id=config_id).config)
