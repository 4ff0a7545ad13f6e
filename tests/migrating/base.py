"""What is out: the last migration of each app in the release that serves while a new one is rolled out.

At a release write here what `python -m tests.migrating.base` prints.
"""

BASE: dict[str, str] = {}

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
