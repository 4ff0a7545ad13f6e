"""Translations: the German ones as people meet them, and what keeps the catalogs in line with the code."""

import gettext
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from django.test import Client
from django.utils.translation import override

from crowd.assignments.errors import NoWork
from crowd.kernel import catalogs
from crowd.kernel.catalogs import LOCALE
from crowd.projects.states import ProjectState
from crowd.users.models import User

GERMAN = LOCALE / "de" / "LC_MESSAGES" / "django.po"
# What workers and requesters are told, whichever door they came through.
APPS = ("kernel", "users", "ledger", "projects", "payouts", "assignments", "consensus")
BELOW_THE_DOORS = ("workers/", "qualifications/", *(f"crowd/{app}/" for app in APPS))


class TestGerman:
    @pytest.mark.django_db
    @pytest.mark.parametrize(
        ("language", "sentence"),
        [
            ("de-AT,de;q=0.9", "Eine solche Organisation gibt es nicht, oder Sie sind kein Mitglied."),
            ("en", "There is no such organisation, or you are not a member of it."),
            ("xx", "There is no such organisation, or you are not a member of it."),
        ],
    )
    def test_an_error_of_the_api_is_in_the_readers_language(
        self, client: Client, requester: User, language: str, sentence: str
    ) -> None:
        client.force_login(requester, backend="django.contrib.auth.backends.ModelBackend")

        answer = client.get("/api/v1/organisations/987654/", headers={"Accept-Language": language})

        assert answer.status_code == 404
        assert (answer.json()["code"], answer.json()["detail"]) == ("not_found", sentence)

    def test_states_and_errors(self) -> None:
        with override("de"):
            assert str(ProjectState.DRAFT.label) == "Entwurf"
            assert str(NoWork.default).startswith("Im Moment ist hier keine Aufgabe")
        assert str(ProjectState.DRAFT.label) == "draft"

    def test_what_is_said_below_the_doors_is_translated(self) -> None:
        said = [one for one in catalogs.read(GERMAN) if one.id and is_below(one)]

        assert len(said) > 400
        assert [one.id for one in said if not all(forms(one.string))] == []

    def test_no_translation_loses_a_figure(self) -> None:
        translated = [one for one in catalogs.read(GERMAN) if one.id and all(forms(one.string))]

        assert [one.id for one in translated if figures(one.id) != figures(one.string)] == []


def is_below(one: Message) -> bool:
    return any(place.startswith(BELOW_THE_DOORS) for place, _line in one.locations)


def forms(sentence: object) -> list[str]:
    """One, or singular and plural."""
    return [str(one) for one in sentence] if isinstance(sentence, tuple | list) else [str(sentence)]


def figures(sentence: object) -> set[str]:
    return {figure for form in forms(sentence) for figure in re.findall(r"%\(\w+\)[.\d]*[sdf]|%%", form)}


class TestKeepingInLine:
    @pytest.fixture
    def source(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A small house of its own: two sentences in code, one in a template, and a German catalog."""
        source = tmp_path / "crowd" / "locale" / "de" / "LC_MESSAGES" / "django.po"
        source.parent.mkdir(parents=True)
        source.write_text(
            'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
            'msgid "Good morning"\nmsgstr "Guten Morgen"\n\nmsgid "Gone by now"\nmsgstr "Vorbei"\n'
        )
        (tmp_path / "crowd" / "said.py").write_text('A = _("Good morning")\nB = gettext_lazy("Good " "night")\n')
        (tmp_path / "crowd" / "page.html").write_text(
            "{% load i18n %}<p title=\"it's\">{% translate 'Good day' %}\n  {% blocktranslate trimmed %}\n Dear\n"
            " {{ name }}{% endblocktranslate %}</p>"
        )
        monkeypatch.setattr(catalogs, "ROOT", tmp_path)
        monkeypatch.setattr(catalogs, "LOCALE", tmp_path / "crowd" / "locale")
        return source

    def test_new_sentences_come_old_ones_go_translations_stay(self, source: Path) -> None:
        assert catalogs.update() == [source]

        said = {str(one.id): one.string for one in catalogs.read(source) if one.id}
        assert said == {"Good morning": "Guten Morgen", "Good night": "", "Good day": "", "Dear %(name)s": ""}

    def test_twice_changes_nothing_more(self, source: Path) -> None:
        assert catalogs.out_of_line() == [source]
        catalogs.update()

        assert catalogs.out_of_line() == []
        assert catalogs.update() == []

    def test_what_is_compiled_is_read_by_gettext_and_not_compiled_again(self, source: Path) -> None:
        (built,) = catalogs.compile_stale()

        with built.open("rb") as file:
            assert gettext.GNUTranslations(file).gettext("Good morning") == "Guten Morgen"
        assert catalogs.compile_stale() == []
