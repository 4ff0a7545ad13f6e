"""Markdown of requesters and operators as HTML: nothing that runs, nothing that loads, no styles of its own."""

from collections.abc import Sequence

import nh3
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token


def _picture(_renderer: object, tokens: Sequence[Token], place: int, _options: object, _env: object) -> str:
    """Nothing is loaded from elsewhere; that there was a picture, and of what, is said."""
    return str(format_html("<em>[{} {}]</em>", _("picture:"), tokens[place].content))


READER = MarkdownIt("commonmark", {"html": False}).enable("table")
READER.add_render_rule("image", _picture)
TAGS = {
    *("p", "br", "hr", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}


def render(text: str, *, deepest: int = 1) -> SafeString:
    """Headings begin `deepest` levels below the page's own h1. Links open elsewhere and tell nobody where from."""
    tokens = READER.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + deepest)}"
    html = READER.renderer.render(tokens, READER.options, {})
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href", "title"}},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    return mark_safe(clean)  # noqa: S308  (cleaned in the line above)
