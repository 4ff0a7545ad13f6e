"""Words of the labeling core, which speaks plain English, in the reader's language."""

from django.utils.translation import gettext_lazy as _

REASON_WORDS = {
    "media_broken": _("It does not load, or cannot be made out"),
    "unclear": _("The question or the guidelines are unclear"),
    "no_label_fits": _("No answer fits"),
    "harmful": _("It is harmful or illegal"),
    "private_data": _("It shows private data"),
}
