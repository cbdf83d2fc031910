import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_initial"),
        ("generations", "0001_initial"),
        ("teams", "0002_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ShareLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="share_links", to="teams.project"
                    ),
                ),
                (
                    "scene",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="generations.scene",
                    ),
                ),
                (
                    "collection",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="generations.collection",
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="title")),
                ("token_hash", models.CharField(editable=False, max_length=64, unique=True)),
                (
                    "passcode",
                    models.CharField(
                        blank=True, editable=False, help_text="Hashed; empty: none is asked.", max_length=128
                    ),
                ),
                ("allows_download", models.BooleanField(default=False, verbose_name="Download")),
                ("shows_recipe", models.BooleanField(default=False, verbose_name="Recipe")),
                ("allows_comments", models.BooleanField(default=True, verbose_name="Comments and verdict")),
                ("expires_at", models.DateTimeField(verbose_name="works until")),
                ("revoked_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "revoked_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("views", models.PositiveIntegerField(default=0, editable=False)),
                ("last_seen_at", models.DateTimeField(editable=False, null=True)),
            ],
            options={
                "verbose_name": "screening link",
                "verbose_name_plural": "screening links",
                "indexes": [models.Index(fields=["project", "-created_at", "-id"], name="link_of_project")],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("guest", models.CharField(blank=True, max_length=60)),
                (
                    "link",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="screenings.sharelink",
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "generation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="comments",
                        to="generations.generation",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="screenings.comment",
                    ),
                ),
                ("second", models.FloatField(null=True)),
                ("text", models.TextField(max_length=4000, verbose_name="comment")),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "settled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "comment",
                "verbose_name_plural": "comments",
                "indexes": [models.Index(fields=["generation", "id"], name="comment_of_clip")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("guest", ""), ("person__isnull", False)),
                            models.Q(("person", None), models.Q(("guest", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="comment_by_somebody",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Mention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "comment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="mentions", to="screenings.comment"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("written", models.CharField(max_length=254)),
            ],
            options={
                "verbose_name": "mention",
                "verbose_name_plural": "mentions",
                "constraints": [models.UniqueConstraint(fields=("comment", "person"), name="mentioned_once")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Retake",
            fields=[
                (
                    "generation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="answering",
                        serialize=False,
                        to="generations.generation",
                    ),
                ),
                (
                    "comment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="retakes", to="screenings.comment"
                    ),
                ),
            ],
            options={
                "verbose_name": "retake",
                "verbose_name_plural": "retakes",
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Shown",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "link",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="shown", to="screenings.sharelink"
                    ),
                ),
                (
                    "generation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="shown", to="generations.generation"
                    ),
                ),
                ("place", models.PositiveIntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["link", "place", "id"], name="screening_in_order")],
                "constraints": [models.UniqueConstraint(fields=("link", "generation"), name="once_per_screening")],
            },
        ),
        migrations.CreateModel(
            name="Verdict",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("guest", models.CharField(blank=True, max_length=60)),
                (
                    "link",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="screenings.sharelink",
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "generation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="verdicts",
                        to="generations.generation",
                    ),
                ),
                (
                    "word",
                    models.CharField(choices=[("approved", "Approved"), ("changes", "Changes asked")], max_length=8),
                ),
            ],
            options={
                "verbose_name": "verdict",
                "verbose_name_plural": "verdicts",
                "indexes": [models.Index(fields=["generation", "-id"], name="verdict_of_clip")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("guest", ""), ("person__isnull", False)),
                            models.Q(("person", None), models.Q(("guest", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="verdict_by_somebody",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="sharelink",
            name="clips",
            field=models.ManyToManyField(
                related_name="screenings", through="screenings.Shown", to="generations.generation"
            ),
        ),
    ]
