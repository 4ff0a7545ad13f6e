"""A kind of notice: who is told, in which words, and how unless he chose otherwise.

Words name what stands in the notice's data (`%(project)s`); they are translated when they are read, so data holds
figures, names and reasons, no sentences of ours. A reason stands on a line of its own: it is a person's, with or
without a full stop. Amounts are `"amount_micros"` and `"currency"` in the data and `%(amount)s` in the words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from crowd.kernel import money
from crowd.notices.states import Audience, How

Words = str | Promise


@dataclass(frozen=True, kw_only=True)
class Kind:
    """`label` names the kind in the settings; `title` says what happened, `text` why, and what now.

    must: it stands on the site whatever its reader chose, because something runs out, is owed or goes against him.
    """

    name: str
    audience: Audience
    label: Words
    title: Words
    text: Words
    mail: bool = True  # unless the reader chose otherwise
    must: bool = False

    @property
    def usual(self) -> How:
        return How.MAIL if self.mail else How.SITE

    @property
    def open_to(self) -> list[How]:
        """What its reader may choose."""
        return [How.MAIL, How.SITE] if self.must else [How.MAIL, How.SITE, How.NONE]

    def title_of(self, data: Mapping[str, Any]) -> str:
        """In the language of the moment. Raises KeyError when the data lacks something that the words name."""
        return str(self.title % _shown(data))

    def text_of(self, data: Mapping[str, Any]) -> str:
        return str(self.text % _shown(data))


def _shown(data: Mapping[str, Any]) -> dict[str, Any]:
    amounts = {
        name.removesuffix("_micros"): money.text(value, data["currency"])
        for name, value in data.items()
        if name.endswith("_micros")
    }
    return dict(data) | amounts
