import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    replaces = [("talk", "0003_announcements_and_board")]

    dependencies = [
        ("assignments", "0001_initial"),
        ("projects", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("workers", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Thread",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="threads",
                        to="projects.project",
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="threads",
                        to="workers.worker",
                    ),
                ),
                ("last_id", models.BigIntegerField(default=0)),
                ("worker_unread", models.IntegerField(default=0)),
                ("requester_unread", models.IntegerField(default=0)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["project", "-last_id"], name="talk_thread_project"),
                    models.Index(fields=["worker", "-last_id"], name="talk_thread_worker"),
                    models.Index(
                        condition=models.Q(("worker_unread__gt", 0)), fields=["worker"], name="talk_thread_new_w"
                    ),
                    models.Index(
                        condition=models.Q(("requester_unread__gt", 0)), fields=["project"], name="talk_thread_new_r"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("project", "worker"), name="talk_thread_once"),
                    models.CheckConstraint(
                        condition=models.Q(("requester_unread__gte", 0), ("worker_unread__gte", 0)),
                        name="talk_thread_unread",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "thread",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="talk.thread",
                    ),
                ),
                ("side", models.CharField(choices=[("worker", "worker"), ("requester", "requester")], max_length=10)),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("key", models.CharField(max_length=64)),
                ("text", models.TextField()),
                (
                    "assignment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="assignments.assignment",
                    ),
                ),
                ("sent_at", models.DateTimeField()),
                ("hidden_at", models.DateTimeField(null=True)),
                (
                    "hidden_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("hidden_reason", models.TextField(blank=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["thread", "-id"], name="talk_message_thread"),
                    models.Index(fields=["author", "sent_at"], name="talk_message_rate"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("author", "key"), name="talk_message_once"),
                    models.CheckConstraint(
                        condition=models.Q(("side__in", ["worker", "requester"])), name="talk_message_side"
                    ),
                    models.CheckConstraint(condition=models.Q(("text", ""), _negated=True), name="talk_message_text"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("hidden_at", None), ("hidden_by", None), ("hidden_reason", "")),
                            models.Q(
                                ("hidden_at__isnull", False),
                                ("hidden_by__isnull", False),
                                models.Q(("hidden_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="talk_message_hidden",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Mute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "thread",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="mutes", to="talk.thread"
                    ),
                ),
                ("side", models.CharField(choices=[("worker", "worker"), ("requester", "requester")], max_length=10)),
                ("reason", models.TextField()),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at", None)), fields=("thread", "side"), name="talk_mute_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("side__in", ["worker", "requester"])), name="talk_mute_side"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Ticket",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("money", "Money, earnings, payouts"),
                            ("account", "My account and signing in"),
                            ("work", "A project that I work on"),
                            ("posting", "A project that I post"),
                            ("harm", "Something harmful, or that hurts me"),
                            ("other", "Something else"),
                        ],
                        max_length=10,
                    ),
                ),
                ("subject", models.CharField(max_length=150)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "waits for an answer"), ("answered", "answered"), ("closed", "closed")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("page", models.CharField(blank=True, max_length=300)),
                (
                    "project",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="projects.project"
                    ),
                ),
                (
                    "assignment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="assignments.assignment",
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("promised_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["user", "-id"], name="talk_ticket_user"),
                    models.Index(
                        condition=models.Q(("state", "open")), fields=["promised_at", "id"], name="talk_ticket_open"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "answered", "closed"])), name="talk_ticket_state"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("category__in", ["money", "account", "work", "posting", "harm", "other"])),
                        name="talk_ticket_category",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", False), ("state", "closed")),
                            models.Q(models.Q(("state", "closed"), _negated=True), ("closed_at", None)),
                            _connector="OR",
                        ),
                        name="talk_ticket_closed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reply",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="replies", to="talk.ticket"
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("by_staff", models.BooleanField()),
                ("key", models.CharField(max_length=64)),
                ("text", models.TextField()),
                ("sent_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["author", "sent_at"], name="talk_reply_rate")],
                "constraints": [models.UniqueConstraint(fields=("author", "key"), name="talk_reply_once")],
            },
        ),
        migrations.CreateModel(
            name="Announcement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("all", "everybody"),
                            ("workers", "all workers"),
                            ("requesters", "all requesters"),
                            ("project", "workers of a project"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="announcements",
                        to="projects.project",
                    ),
                ),
                ("title", models.CharField(max_length=150)),
                ("text", models.TextField()),
                ("key", models.CharField(max_length=64)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                (
                    "made_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("withdrawn_at", None)), fields=["ends_at"], name="talk_announcement_now"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("made_by", "key"), name="talk_announcement_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("audience", "project"), ("project__isnull", False)),
                            models.Q(("audience__in", ["all", "workers", "requesters"]), ("project", None)),
                            _connector="OR",
                        ),
                        name="talk_announcement_audience",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="talk_announcement_period"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Dismissal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "announcement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dismissals",
                        to="talk.announcement",
                        db_index=False,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("announcement", "user"), name="talk_dismissal_once")],
            },
        ),
        migrations.CreateModel(
            name="Handle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "worker",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="handle", to="workers.worker"
                    ),
                ),
                ("name", models.CharField(max_length=30)),
                ("chosen_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(django.db.models.functions.text.Lower("name"), name="talk_handle_name")
                ],
            },
        ),
        migrations.CreateModel(
            name="Topic",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "worker",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="workers.worker",
                    ),
                ),
                ("title", models.CharField(max_length=150)),
                ("begun_at", models.DateTimeField()),
                ("last_id", models.BigIntegerField(default=0)),
                ("posts", models.IntegerField(default=0)),
                ("hidden_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("hidden_at", None)), fields=["-last_id"], name="talk_topic_last"),
                    models.Index(fields=["worker", "begun_at"], name="talk_topic_rate"),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.search.SearchVector("title", config="simple"), name="talk_topic_words"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "topic",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="all_posts",
                        to="talk.topic",
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="workers.worker",
                    ),
                ),
                ("text", models.TextField()),
                ("key", models.CharField(max_length=64)),
                ("posted_at", models.DateTimeField()),
                ("edited_at", models.DateTimeField(null=True)),
                ("hidden_at", models.DateTimeField(null=True)),
                (
                    "hidden_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("hidden_reason", models.TextField(blank=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["topic", "id"], name="talk_post_topic"),
                    models.Index(fields=["worker", "posted_at"], name="talk_post_rate"),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.search.SearchVector("text", config="simple"), name="talk_post_words"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("worker", "key"), name="talk_post_once"),
                    models.CheckConstraint(condition=models.Q(("text", ""), _negated=True), name="talk_post_text"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("hidden_at", None), ("hidden_by", None), ("hidden_reason", "")),
                            models.Q(
                                ("hidden_at__isnull", False),
                                ("hidden_by__isnull", False),
                                models.Q(("hidden_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="talk_post_hidden",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Complaint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "message",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="complaints",
                        to="talk.message",
                        db_index=False,
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="complaints",
                        to="talk.post",
                        db_index=False,
                    ),
                ),
                ("text_then", models.TextField()),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("reason", models.TextField()),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "handled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("handled_at", models.DateTimeField(null=True)),
                ("outcome", models.TextField(blank=True)),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("handled_at", None)), fields=["id"], name="talk_complaint_open")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("message", "made_by"), name="talk_complaint_message_once"),
                    models.UniqueConstraint(fields=("post", "made_by"), name="talk_complaint_post_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("message", None), ("post__isnull", False)),
                            models.Q(("message__isnull", False), ("post", None)),
                            _connector="OR",
                        ),
                        name="talk_complaint_about_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("handled_at", None), ("handled_by", None), ("outcome", "")),
                            models.Q(
                                ("handled_at__isnull", False),
                                ("handled_by__isnull", False),
                                models.Q(("outcome", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="talk_complaint_handled",
                    ),
                ],
            },
        ),
    ]
