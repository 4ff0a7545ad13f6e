"""What is out: the last migration of each app in the release that serves while a new one is rolled out.

At a release write here what `python -m tests.migrating.base` prints.
"""

BASE: dict[str, str] = {
    "assignments": "0002_rules",
    "bonuses": "0001_initial",
    "consensus": "0002_rules",
    "gold": "0001_initial",
    "guidance": "0001_initial",
    "kernel": "0001_initial",
    "ledger": "0002_rules",
    "notices": "0001_initial",
    "payouts": "0001_initial",
    "projects": "0002_rules",
    "qualifications": "0002_system",
    "review": "0001_initial",
    "rules": "0001_initial",
    "talk": "0001_initial",
    "users": "0002_rules",
    "workers": "0001_initial",
}

if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from django.db.migrations.loader import MigrationLoader

    from tests.migrating.filled import our_apps

    leaves = dict(MigrationLoader(None).graph.leaf_nodes())
    for label in our_apps():
        if label in leaves:
            print(f'    "{label}": "{leaves[label]}",')
