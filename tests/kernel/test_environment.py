"""What the environment may say, and how a mistake in it is told."""

import os
import re
import runpy
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from crowd.kernel import environment

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ROOT / "crowd" / "settings.py"


def test_a_database_address_becomes_djangos_settings() -> None:
    entry = environment.database("postgresql://crowd:p%40ss@db.example:6432/labels?sslmode=require")

    assert entry["NAME"] == "labels"
    assert (entry["USER"], entry["PASSWORD"]) == ("crowd", "p@ss")
    assert (entry["HOST"], entry["PORT"]) == ("db.example", "6432")
    assert entry["OPTIONS"] == {"connect_timeout": 5, "sslmode": "require"}


def test_a_database_may_be_behind_a_socket() -> None:
    assert environment.database("postgresql:///crowd?host=/run/postgresql")["HOST"] == "/run/postgresql"


def test_a_replica_that_is_gone_without_a_word_is_not_waited_for_long_unless_its_address_says_so() -> None:
    primary = environment.database("postgresql://db.example/labels") | {"CONN_MAX_AGE": 60}
    primary["OPTIONS"]["prepare_threshold"] = None

    entry = environment.replica("postgresql://far.example/labels?tcp_user_timeout=9000", primary)

    assert entry["CONN_MAX_AGE"] == 60
    assert entry["OPTIONS"] == environment.PATIENT | {"tcp_user_timeout": "9000", "prepare_threshold": None}


def test_there_is_one_database_engine() -> None:
    with pytest.raises(environment.BadEnvironment, match="postgresql://"):
        environment.database("sqlite:///crowd.db")


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://me:secret@mail.example", 587, True, False),
        ("smtp://mail.example:25?tls=0", 25, False, False),
        ("smtps://me:secret@mail.example", 465, False, True),
    ],
)
def test_mail_goes_encrypted_unless_told_otherwise(url: str, port: int, tls: bool, ssl: bool) -> None:
    found = environment.email(url, Path("/mail"))

    assert (found["EMAIL_PORT"], found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (port, tls, ssl)


def test_without_a_mail_server_mail_becomes_files() -> None:
    assert "filebased" in str(environment.email("", Path("/mail"))["EMAIL_BACKEND"])


@pytest.mark.parametrize(("value", "meaning"), [("1", True), ("no", False), ("", True), (" ON ", True)])
def test_a_flag_is_read(monkeypatch: pytest.MonkeyPatch, value: str, meaning: bool) -> None:
    monkeypatch.setenv("CROWD_X", value)

    assert environment.flag("CROWD_X", default=True) is meaning


def test_a_mistake_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROWD_X", "maybe")

    with pytest.raises(environment.BadEnvironment, match="CROWD_X must be 1 or 0"):
        environment.flag("CROWD_X")
    with pytest.raises(environment.BadEnvironment, match="CROWD_X must be a whole number"):
        environment.number("CROWD_X", 1)


def test_a_kept_secret_is_made_once_and_is_nobody_elses_business(tmp_path: Path) -> None:
    place = tmp_path / "data" / "secret_key"

    first = environment.kept_secret(place)

    assert environment.kept_secret(place) == first
    assert len(first) >= 50
    assert place.stat().st_mode & 0o077 == 0
    assert list(place.parent.iterdir()) == [place]


def test_derived_keys_differ_by_purpose_and_encrypt() -> None:
    one, other = environment.derived_key("secret", "one"), environment.derived_key("secret", "other")

    assert one != other
    assert Fernet(one).decrypt(Fernet(one).encrypt(b"name")) == b"name"


WRONG = [  # each of them was a traceback at the start, or believed and noticed when it was used
    ("CROWD_URL", "labels.example.org", "such as https://"),
    ("CROWD_URL", "https://labels.example.org/sub", "such as https://"),
    ("CROWD_FEE_RATE", "abc", "a number such as 0.20"),
    ("CROWD_PROXIES", "-1", "a whole number"),
    ("CROWD_HELP_HOURS", "money", "such as money=12"),
    ("CROWD_HELP_HOURS", "mony=12", "may name money, account"),
    ("CROWD_API_RATES", "work=6", "such as work=600/min"),
    ("CROWD_TRUSTED_SITES", "https://other.example", "such as https://other.example=KEY"),
    ("CROWD_FETCH_ALLOW_PRIVATE", "10.0.0", "such as 10.1.0.0/16"),
    ("CROWD_LOG_LEVEL", "loud", "one of DEBUG, INFO"),
    ("CACHE_URL", "memcached://cache", "redis://"),
    ("CELERY_BROKER_URL", "localhost:6379", "redis://"),
    ("DATABASE_URL", "postgresql://me@db:port/crowd", "is no address"),
    ("EMAIL_URL", "smtp://mail:port", "is no address"),
    ("CROWD_DATA", "/dev/null/data", "cannot be made"),
]


@pytest.mark.parametrize(("name", "value", "said"), WRONG)
def test_the_settings_do_not_start_on_a_value_that_makes_no_sense(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(environment.BadEnvironment, match=re.escape(said)) as refused:
        runpy.run_path(str(SETTINGS))

    assert name in str(refused.value)


def test_a_command_says_what_is_wrong_in_a_sentence() -> None:
    surroundings = os.environ | {"DJANGO_SETTINGS_MODULE": "crowd.settings", "CROWD_PROXIES": "one"}

    done = subprocess.run([sys.executable, "manage.py", "check"], cwd=ROOT, env=surroundings, capture_output=True)

    assert done.stderr.decode() == "CROWD_PROXIES must be a whole number, not 'one'.\n"
    assert done.returncode == 1


def test_amounts_come_by_currency(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROWD_PAY_FLOOR", "USD=9.50, EUR=9")
    assert environment.amounts("CROWD_PAY_FLOOR") == {"USD": Decimal("9.50"), "EUR": 9}
    for wrong in ("9", "USD=nine", "USD=-1", "=3"):
        monkeypatch.setenv("CROWD_PAY_FLOOR", wrong)
        with pytest.raises(environment.BadEnvironment, match="such as USD"):
            environment.amounts("CROWD_PAY_FLOOR")
