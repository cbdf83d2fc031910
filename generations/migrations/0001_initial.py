import django.db.models.deletion
import django.utils.timezone
import generations.models.generation
import uuid
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_initial"),
        ("teams", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="WanAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="wan_accounts",
                        to="teams.team",
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("is_demo", models.BooleanField(default=False, editable=False, verbose_name="simulator")),
                (
                    "region",
                    models.CharField(
                        choices=[("singapore", "Singapore"), ("beijing", "Beijing")],
                        max_length=20,
                        verbose_name="region",
                    ),
                ),
                ("workspace_id", models.CharField(blank=True, max_length=63, verbose_name="workspace")),
                ("origin", models.URLField(help_text="Ends in /api/v1.", verbose_name="base URL")),
                ("encrypted_key", models.BinaryField(null=True)),
                (
                    "api_key_id",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="What Wan's list calls the key of api_key_print.",
                        max_length=64,
                    ),
                ),
                ("api_key_print", models.CharField(blank=True, editable=False, max_length=16)),
                ("creates_per_second", models.PositiveSmallIntegerField(default=5, verbose_name="creates per second")),
                ("running_limit", models.PositiveSmallIntegerField(default=5, verbose_name="running takes")),
                ("pending_limit", models.PositiveSmallIntegerField(default=500, verbose_name="pending takes")),
                ("queries_per_second", models.PositiveSmallIntegerField(default=20, verbose_name="queries per second")),
                (
                    "clock_skew",
                    models.FloatField(
                        default=0.0, editable=False, help_text="Seconds that Wan's clock is ahead of ours."
                    ),
                ),
                (
                    "breaker",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Working"),
                            ("key", "Wan refuses the key"),
                            ("billing", "Wan asks for payment or activation"),
                        ],
                        default="",
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("breaker_code", models.CharField(blank=True, editable=False, max_length=80)),
                ("breaker_since", models.DateTimeField(editable=False, null=True)),
                ("breaker_probe_at", models.DateTimeField(editable=False, null=True)),
                ("held_until", models.DateTimeField(editable=False, help_text="Throttled or out of reach.", null=True)),
                (
                    "held_for",
                    models.CharField(blank=True, editable=False, help_text="A word of words.WAITING.", max_length=20),
                ),
                (
                    "holds",
                    models.PositiveSmallIntegerField(default=0, editable=False, help_text="In a row; each is longer."),
                ),
                ("submit_lease_until", models.DateTimeField(editable=False, null=True)),
                ("submit_fence", models.PositiveBigIntegerField(default=0, editable=False)),
                (
                    "closed_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="Takes no new takes; those on their way are watched to the end.",
                        null=True,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "Wan account",
                "verbose_name_plural": "Wan accounts",
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="RateBucket",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=60, unique=True)),
                ("next_at", models.DateTimeField()),
            ],
            options={
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="AccountCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="check_row",
                        to="generations.wanaccount",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("requested_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("new_key", models.BinaryField(help_text="Encrypted; gone when it was looked at.", null=True)),
                ("is_of_new_key", models.BooleanField(default=False)),
                ("checked_at", models.DateTimeField(null=True)),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("fine", "Key, region and model are right."),
                            ("unreachable", "Wan can't be reached from here. Try again in a moment."),
                            ("busy", "Wan asks for a pause. Try again in a minute."),
                            (
                                "key",
                                "Wan refuses the key in every region: it is mistyped, deleted, or of another service.",
                            ),
                            (
                                "region",
                                "The key is of another region: %(detail)s. Make an account for that region, or use another key.",
                            ),
                            (
                                "workspace",
                                "The key is of this region, but not of the workspace. Correct one of the two.",
                            ),
                            ("foreign", "The key is of another Wan account: it does not see this one's tasks."),
                            (
                                "model",
                                "The key is right, but the account may not use the model %(detail)s. Activate it at Alibaba.",
                            ),
                            ("other", "Wan answers, but not as expected: %(detail)s"),
                        ],
                        max_length=12,
                    ),
                ),
                ("detail", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="account_check_due"
                    )
                ],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Alarm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("at_risk", "Clips are not saved after 18 hours"),
                            ("refused", "A result's host or file is refused"),
                            ("lost", "Clips are lost"),
                            ("unrecognised", "Wan does not recognise tasks"),
                            ("key", "Wan refuses the key"),
                            ("billing", "Wan asks for payment or activation"),
                            ("storage", "The storage does not accept files"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        help_text="Empty: the installation's.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="generations.wanaccount",
                    ),
                ),
                ("began_at", models.DateTimeField(verbose_name="since")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="over since")),
            ],
            options={
                "verbose_name": "alarm",
                "verbose_name_plural": "alarms",
                "indexes": [
                    models.Index(fields=["kind", "account", "-ended_at"], name="alarm_latest"),
                    models.Index(
                        condition=models.Q(("ended_at__isnull", True)), fields=["began_at"], name="alarm_open"
                    ),
                ],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="AlarmNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "alarm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notices", to="generations.alarm"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("alarm", "user"), name="one_notice_per_person")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="AudioUpload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="audio", to="teams.project"
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="file name")),
                ("kind", models.CharField(choices=[("mp3", "mp3"), ("wav", "wav")], max_length=3)),
                ("seconds", models.FloatField(help_text="By decoding.")),
                ("size", models.PositiveIntegerField(help_text="Bytes.")),
                ("sha256", models.CharField(max_length=64)),
                ("storage", models.CharField(max_length=20)),
                ("key", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "original",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cuts",
                        to="generations.audioupload",
                    ),
                ),
                (
                    "original_start",
                    models.FloatField(help_text="Where in the original this part begins, in seconds.", null=True),
                ),
            ],
            options={
                "verbose_name": "audio",
                "verbose_name_plural": "audio",
                "indexes": [models.Index(fields=["project", "-id"], name="audio_of_project")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("original", None), ("original_start", None)),
                            models.Q(("original__isnull", False), ("original_start__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_part_knows_where_it_begins",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AudioTransfer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "audio",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="transfers",
                        to="generations.audioupload",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="generations.wanaccount"
                    ),
                ),
                ("model", models.CharField(max_length=60)),
                ("url", models.CharField(max_length=500)),
                ("uploaded_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("audio", "account", "model"), name="one_transfer_per_account")
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="batches", to="teams.project"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "press",
                    models.UUIDField(
                        help_text="The form's token: the same press sent twice makes one batch.", verbose_name="press"
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("paused_at", models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                "verbose_name": "call sheet",
                "verbose_name_plural": "call sheets",
                "indexes": [models.Index(fields=["project", "-created_at", "-id"], name="batch_of_project")],
                "constraints": [models.UniqueConstraint(fields=("created_by", "press"), name="one_batch_per_press")],
            },
        ),
        migrations.CreateModel(
            name="BulkAction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("verb", models.CharField(help_text="A word of bulk.DEEDS.", max_length=12)),
                ("values", models.JSONField(default=dict)),
                ("view", models.TextField(blank=True)),
                ("takes", models.JSONField(null=True)),
                ("handled", models.PositiveIntegerField(default=0)),
                (
                    "ignored",
                    models.PositiveIntegerField(
                        default=0, help_text="Ids of others, and takes it could not be done to."
                    ),
                ),
                ("before", models.JSONField(default=list)),
                ("freed_bytes", models.PositiveBigIntegerField(default=0)),
                ("is_undo", models.BooleanField(default=False)),
                ("undone", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "due_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, help_text="When a worker looks next.", null=True
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="bulk_due"),
                    models.Index(fields=["created_at"], name="bulk_by_age"),
                ],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Collection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="collections", to="teams.team"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "verbose_name": "collection",
                "verbose_name_plural": "collections",
                "indexes": [models.Index(fields=["team", "-created_at", "-id"], name="collection_of_team")],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="teams.project"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("composer", "Composer"), ("sheet", "Call sheet")], default="composer", max_length=8
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "data",
                    models.JSONField(help_text="Values of the fields; of a composer also a list of shots or null."),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("writer", models.UUIDField()),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "draft",
                "verbose_name_plural": "drafts",
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=["owner", "-updated_at", "-id"],
                        name="draft_kept",
                    ),
                    models.Index(
                        condition=models.Q(("ended_at__isnull", False)), fields=["ended_at"], name="draft_ended"
                    ),
                ],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="OrphanSearch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("began_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("report", models.JSONField(default=dict)),
            ],
            options={
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Reading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reading", to="generations.wanaccount"
                    ),
                ),
                ("requested_at", models.DateTimeField(null=True)),
                ("read_at", models.DateTimeField(null=True)),
                ("total", models.PositiveIntegerField(default=0)),
                ("tasks", models.JSONField(default=list)),
                ("error", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="SavedSearch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_searches",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="teams.project"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("query", models.CharField(editable=False, max_length=2000)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "verbose_name": "saved search",
                "verbose_name_plural": "saved searches",
                "indexes": [models.Index(fields=["person", "name", "id"], name="searches_of_person")],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Scene",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="scenes", to="teams.project"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("latest_take_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("takes_made", models.PositiveIntegerField(default=0, editable=False)),
            ],
            options={
                "verbose_name": "scene",
                "verbose_name_plural": "scenes",
                "indexes": [models.Index(fields=["project", "-latest_take_at", "-id"], name="scene_latest")],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Generation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="generations", to="teams.team"
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="generations", to="teams.project"
                    ),
                ),
                (
                    "scene",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="takes", to="generations.scene"
                    ),
                ),
                (
                    "number",
                    models.PositiveIntegerField(help_text="Counts within the scene, from 1.", verbose_name="take"),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="generations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="generations.generation",
                    ),
                ),
                (
                    "origin",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", ""),
                            ("retry", "Retry"),
                            ("seed", "Again with a new seed"),
                            ("remix", "Remix"),
                            ("retake", "Retake of a shot"),
                            ("late", "Late answer"),
                            ("found", "Found at Wan"),
                            ("print", "Print at 1080P"),
                        ],
                        default="",
                        max_length=8,
                    ),
                ),
                (
                    "press",
                    models.UUIDField(
                        help_text="The form's token: the same press sent twice makes one set of takes.",
                        verbose_name="press",
                    ),
                ),
                ("press_index", models.PositiveSmallIntegerField(default=0)),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="takes",
                        to="generations.batch",
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("model", models.CharField(default="wan2.7-t2v", max_length=60, verbose_name="model")),
                (
                    "prompt",
                    models.TextField(
                        blank=True,
                        help_text="As written: the prompt, or the line for all shots.",
                        verbose_name="prompt",
                    ),
                ),
                (
                    "shots",
                    models.JSONField(
                        blank=True, default=list, help_text='[{"text": str, "seconds": int}]', verbose_name="shots"
                    ),
                ),
                (
                    "shot_count",
                    models.GeneratedField(
                        db_persist=True,
                        expression=generations.models.generation.ArrayLength(models.F("shots")),
                        output_field=models.PositiveSmallIntegerField(),
                    ),
                ),
                ("sent_prompt", models.TextField(verbose_name="what Wan receives")),
                ("negative_prompt", models.TextField(blank=True, verbose_name="negative prompt")),
                ("resolution", models.CharField(max_length=8, verbose_name="resolution")),
                ("ratio", models.CharField(max_length=8, verbose_name="ratio")),
                ("duration", models.PositiveSmallIntegerField(help_text="Seconds.", verbose_name="duration")),
                ("seed", models.PositiveIntegerField(blank=True, null=True, verbose_name="seed")),
                ("prompt_extend", models.BooleanField(default=True, verbose_name="let Wan rewrite the prompt")),
                ("watermark", models.BooleanField(default=False, verbose_name="visible AI mark")),
                (
                    "audio",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="takes",
                        to="generations.audioupload",
                    ),
                ),
                (
                    "print_recipe",
                    models.JSONField(
                        blank=True,
                        help_text="Of a proof: the columns that its print has differently.",
                        null=True,
                        verbose_name="its print",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting here"),
                            ("submitting", "Sending to Wan"),
                            ("uncertain", "Checking"),
                            ("pending", "At Wan"),
                            ("running", "Rendering"),
                            ("archiving", "Saving"),
                            ("ready", "Ready"),
                            ("failed", "Failed"),
                            ("canceled", "Canceled"),
                            ("lost", "Lost"),
                        ],
                        default="queued",
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("status_changed_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "version",
                    models.PositiveIntegerField(
                        default=0, editable=False, help_text="Grows with every visible change."
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="generations",
                        to="generations.wanaccount",
                    ),
                ),
                (
                    "due_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now,
                        editable=False,
                        help_text="When a worker looks next.",
                        null=True,
                    ),
                ),
                (
                    "queue_rank",
                    models.IntegerField(default=0, editable=False, help_text="Within its owner's line; smaller first."),
                ),
                ("lease_token", models.UUIDField(editable=False, null=True)),
                (
                    "tries",
                    models.PositiveSmallIntegerField(
                        default=0, editable=False, help_text="Failed tries of the current step."
                    ),
                ),
                (
                    "waiting_for",
                    models.CharField(blank=True, editable=False, help_text="A word of words.WAITING.", max_length=20),
                ),
                ("auto_retries", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("cancel_requested_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("paused_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("trashed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("task_id", models.CharField(blank=True, editable=False, max_length=80)),
                ("accepted_at", models.DateTimeField(editable=False, null=True)),
                ("rendering_at", models.DateTimeField(editable=False, null=True)),
                (
                    "rendered_at",
                    models.DateTimeField(
                        editable=False, help_text="Wan's end_time: its 24 hours count from here.", null=True
                    ),
                ),
                ("render_seconds", models.FloatField(editable=False, null=True)),
                ("unrecognised_since", models.DateTimeField(editable=False, null=True)),
                ("result_url", models.TextField(blank=True, editable=False)),
                ("actual_prompt", models.TextField(blank=True, editable=False)),
                ("failure_code", models.CharField(blank=True, editable=False, max_length=80)),
                ("failure_message", models.CharField(blank=True, editable=False, max_length=500)),
                (
                    "failure_cause",
                    models.CharField(blank=True, editable=False, help_text="A dashscope_client.Cause.", max_length=40),
                ),
                ("storage", models.CharField(blank=True, editable=False, max_length=20)),
                ("video_key", models.CharField(blank=True, editable=False, max_length=200)),
                ("video_size", models.PositiveBigIntegerField(editable=False, null=True)),
                ("video_sha256", models.CharField(blank=True, editable=False, max_length=64)),
                ("archived_bytes", models.PositiveBigIntegerField(default=0, editable=False)),
                ("expected_bytes", models.PositiveBigIntegerField(editable=False, null=True)),
                ("spool_host", models.CharField(blank=True, editable=False, max_length=120)),
                ("ready_at", models.DateTimeField(editable=False, null=True)),
                ("finished_at", models.DateTimeField(editable=False, null=True)),
                ("video_width", models.PositiveSmallIntegerField(editable=False, null=True)),
                ("video_height", models.PositiveSmallIntegerField(editable=False, null=True)),
                ("video_seconds", models.FloatField(editable=False, null=True)),
                ("video_fps", models.FloatField(editable=False, null=True)),
                ("derived_at", models.DateTimeField(editable=False, null=True)),
                ("derive_note", models.CharField(blank=True, editable=False, max_length=200)),
                (
                    "open_comments",
                    models.PositiveIntegerField(default=0, editable=False, help_text="Threads nobody has settled."),
                ),
                (
                    "verdict",
                    models.CharField(blank=True, editable=False, help_text="The newest one's word.", max_length=8),
                ),
                (
                    "rating",
                    models.PositiveSmallIntegerField(
                        default=0, editable=False, help_text="1 to 5; 0: none.", verbose_name="rating"
                    ),
                ),
                (
                    "pick",
                    models.SmallIntegerField(
                        choices=[(-1, "Rejected"), (0, "Not decided"), (1, "Picked")],
                        default=0,
                        editable=False,
                        verbose_name="pick",
                    ),
                ),
                (
                    "purged_at",
                    models.DateTimeField(
                        editable=False,
                        help_text="Its objects were deleted for good; the row stays for family and money.",
                        null=True,
                    ),
                ),
                (
                    "price_per_second",
                    models.DecimalField(decimal_places=6, default=Decimal("0"), editable=False, max_digits=10),
                ),
                ("currency", models.CharField(default="USD", editable=False, max_length=3)),
                (
                    "reserved",
                    models.DecimalField(decimal_places=4, default=Decimal("0"), editable=False, max_digits=10),
                ),
                ("cost", models.DecimalField(decimal_places=4, editable=False, max_digits=10, null=True)),
                (
                    "possibly_charged",
                    models.DecimalField(decimal_places=4, default=Decimal("0"), editable=False, max_digits=10),
                ),
            ],
            options={
                "verbose_name": "take",
                "verbose_name_plural": "takes",
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)), fields=["status", "due_at"], name="take_due"
                    ),
                    models.Index(fields=["account", "status"], name="take_of_account"),
                    models.Index(fields=["status", "-id"], name="take_by_status"),
                    models.Index(
                        condition=models.Q(("finished_at__isnull", True)),
                        fields=["team", "created_at", "id"],
                        name="take_unfinished",
                    ),
                    models.Index(fields=["project", "-created_at", "-id"], name="take_of_project"),
                    models.Index(fields=["team", "-created_at", "-id"], name="take_of_team"),
                    models.Index(
                        condition=models.Q(("trashed_at__isnull", True)),
                        fields=[
                            "project",
                            "-id",
                            "status",
                            "resolution",
                            "ratio",
                            "duration",
                            "shot_count",
                            "audio",
                            "rating",
                            "pick",
                            "owner",
                            "created_at",
                            "cost",
                        ],
                        name="kept_of_project",
                    ),
                    models.Index(
                        condition=models.Q(("trashed_at__isnull", True)),
                        fields=["project", "-duration", "-id"],
                        name="kept_long_of_project",
                    ),
                    models.Index(
                        condition=models.Q(("trashed_at__isnull", True)),
                        fields=["project", "-rating", "-id"],
                        name="kept_rated_of_project",
                    ),
                    models.Index(
                        condition=models.Q(("trashed_at__isnull", True)),
                        fields=[
                            "team",
                            "-id",
                            "status",
                            "resolution",
                            "ratio",
                            "duration",
                            "shot_count",
                            "audio",
                            "rating",
                            "pick",
                            "owner",
                            "created_at",
                            "cost",
                        ],
                        name="kept_of_team",
                    ),
                    models.Index(
                        condition=models.Q(("trashed_at__isnull", True)),
                        fields=["team", "-duration", "-id"],
                        name="kept_long_of_team",
                    ),
                    models.Index(
                        condition=models.Q(("trashed_at__isnull", True)),
                        fields=["team", "-rating", "-id"],
                        name="kept_rated_of_team",
                    ),
                    models.Index(
                        condition=models.Q(("trashed_at__isnull", True)),
                        fields=[
                            "owner",
                            "-id",
                            "status",
                            "resolution",
                            "ratio",
                            "duration",
                            "shot_count",
                            "audio",
                            "rating",
                            "pick",
                            "owner",
                            "created_at",
                            "cost",
                        ],
                        name="kept_of_owner",
                    ),
                    models.Index(
                        condition=models.Q(("trashed_at__isnull", True)),
                        fields=["owner", "-duration", "-id"],
                        name="kept_long_of_owner",
                    ),
                    models.Index(
                        condition=models.Q(("trashed_at__isnull", True)),
                        fields=["owner", "-rating", "-id"],
                        name="kept_rated_of_owner",
                    ),
                    models.Index(
                        condition=models.Q(("purged_at__isnull", True), ("trashed_at__isnull", False)),
                        fields=["team", "-trashed_at", "-id"],
                        name="take_in_trash",
                    ),
                    models.Index(
                        condition=models.Q(("purged_at__isnull", True), ("trashed_at__isnull", False)),
                        fields=["trashed_at"],
                        name="take_to_purge",
                    ),
                    models.Index(
                        condition=models.Q(("video_size__isnull", False)),
                        fields=["team", "purged_at", "video_size"],
                        name="take_bytes",
                    ),
                    models.Index(
                        condition=models.Q(("purged_at__isnull", False), ("video_size__isnull", False)),
                        fields=["purged_at"],
                        name="take_being_purged",
                    ),
                    models.Index(
                        condition=models.Q(("render_seconds__isnull", False)),
                        fields=["account", "resolution", "duration", "-rendered_at"],
                        name="take_render_time",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "press", "press_index"), name="one_take_per_press"),
                    models.UniqueConstraint(fields=("scene", "number"), name="take_number_in_scene"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "ready"), _negated=True),
                            models.Q(("ready_at__isnull", False), ("video_key__gt", "")),
                            _connector="OR",
                        ),
                        name="ready_has_a_video",
                    ),
                    models.CheckConstraint(condition=models.Q(("rating__lte", 5)), name="rating_up_to_five"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SubmitAttempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "generation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attempts",
                        to="generations.generation",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="generations.wanaccount"
                    ),
                ),
                ("fence", models.PositiveBigIntegerField()),
                (
                    "sent_with",
                    models.CharField(
                        blank=True, help_text="WanAccount.key_print of the key that sent it.", max_length=16
                    ),
                ),
                ("started_at", models.DateTimeField()),
                (
                    "ended_at",
                    models.DateTimeField(help_text="When the connection ended, with or without an answer.", null=True),
                ),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("open", "No answer yet"),
                            ("accepted", "Accepted"),
                            ("refused", "Refused"),
                            ("not_landed", "Did not reach Wan"),
                            ("unknown", "Answer lost"),
                            ("found", "Found in Wan's list"),
                            ("absent", "Certainly not at Wan"),
                            ("released", "Given up by a person: possibly charged"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("http_status", models.PositiveSmallIntegerField(null=True)),
                ("code", models.CharField(blank=True, max_length=80)),
                ("message", models.CharField(blank=True, max_length=500)),
                ("request_id", models.CharField(blank=True, max_length=80)),
                ("task_id", models.CharField(max_length=80, null=True, unique=True)),
                (
                    "absent_readings",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Complete readings of Wan's list without it."
                    ),
                ),
                ("readings", models.PositiveSmallIntegerField(default=0)),
                ("next_reading_at", models.DateTimeField(null=True)),
                ("person_asked_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["generation", "-id"], name="attempt_of_generation"),
                    models.Index(fields=["outcome", "account", "next_reading_at"], name="attempt_to_reconcile"),
                    models.Index(fields=["account", "-started_at"], name="attempt_recent"),
                ],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Candidate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "attempt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="candidates",
                        to="generations.submitattempt",
                    ),
                ),
                ("task_id", models.CharField(max_length=80)),
                (
                    "is_excluded",
                    models.BooleanField(
                        default=False, help_text="Ended without a video, or belongs to another prompt."
                    ),
                ),
                ("ask_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("is_excluded", False)), fields=["ask_at"], name="candidate_due")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("attempt", "task_id"), name="candidate_once_per_attempt")
                ],
            },
        ),
        migrations.CreateModel(
            name="Collected",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "collection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="collected",
                        to="generations.collection",
                    ),
                ),
                (
                    "generation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="collected",
                        to="generations.generation",
                    ),
                ),
                ("place", models.PositiveIntegerField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "verbose_name": "take of a collection",
                "indexes": [models.Index(fields=["collection", "place", "id"], name="collection_in_order")],
                "constraints": [
                    models.UniqueConstraint(fields=("collection", "generation"), name="once_per_collection")
                ],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "generation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="events", to="generations.generation"
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("kind", models.CharField(max_length=40)),
                ("from_status", models.CharField(blank=True, max_length=10)),
                ("to_status", models.CharField(blank=True, max_length=10)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("data", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["generation", "id"], name="event_of_generation")],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Favourite",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="favourites",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "generation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="favourites",
                        to="generations.generation",
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "verbose_name": "favourite",
                "indexes": [models.Index(fields=["person", "-generation"], name="favourite_of_person")],
                "constraints": [
                    models.UniqueConstraint(fields=("person", "generation"), name="one_favourite_per_person")
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "generation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="ledger", to="generations.generation"
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="teams.team"),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="teams.project"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("day", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "kind",
                    models.CharField(help_text="Of the event that changed it; the first is the press.", max_length=40),
                ),
                ("at", models.DateTimeField()),
                ("reserved", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=12)),
                ("cost", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=12)),
                ("possibly_charged", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=12)),
            ],
            options={
                "verbose_name": "ledger entry",
                "verbose_name_plural": "ledger entries",
                "indexes": [
                    models.Index(fields=["generation", "id"], name="ledger_of_take"),
                    models.Index(
                        condition=models.Q(("kind", "pressed")), fields=["team", "day", "id"], name="ledger_of_team"
                    ),
                    models.Index(
                        condition=models.Q(("kind", "pressed")),
                        fields=["project", "day", "id"],
                        name="ledger_of_project",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "pressed")),
                        fields=("generation",),
                        name="one_press_per_take_in_ledger",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "generation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notes", to="generations.generation"
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("text", models.TextField(max_length=2000, verbose_name="note")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "verbose_name": "note",
                "verbose_name_plural": "notes",
                "ordering": ["id"],
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "take",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="search_entry",
                        serialize=False,
                        to="generations.generation",
                    ),
                ),
                ("scope", models.CharField(max_length=80)),
                ("terms", models.TextField()),
                ("text", models.TextField()),
            ],
            options={
                "verbose_name": "search entry",
                "verbose_name_plural": "search entries",
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Spending",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="teams.team"),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="teams.project"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("day", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                ("resolution", models.CharField(max_length=8)),
                ("reserved", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=14)),
                ("cost", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=14)),
                ("possibly_charged", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=14)),
                ("takes", models.IntegerField(default=0)),
                ("clips", models.IntegerField(default=0)),
                ("seconds", models.IntegerField(default=0)),
                ("failed", models.IntegerField(default=0)),
                ("canceled", models.IntegerField(default=0)),
                ("lost", models.IntegerField(default=0)),
            ],
            options={
                "verbose_name": "spending of a day",
                "verbose_name_plural": "spending by day",
                "indexes": [
                    models.Index(fields=["team", "day"], name="spending_of_team"),
                    models.Index(fields=["project", "day"], name="spending_of_project"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("team", "project", "person", "day", "currency", "resolution"),
                        name="one_spending_per_day",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Switchboard",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("submitting", models.BooleanField(default=True, verbose_name="submit takes")),
                ("storage_refused_since", models.DateTimeField(blank=True, editable=False, null=True)),
                ("storage_checked_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("beat_at", models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                "verbose_name": "switchboard",
                "verbose_name_plural": "switchboard",
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tags", to="teams.team"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="name")),
                ("key", models.CharField(editable=False, max_length=120)),
            ],
            options={
                "verbose_name": "tag",
                "verbose_name_plural": "tags",
                "constraints": [models.UniqueConstraint(fields=("team", "key"), name="one_tag_per_name")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Tagging",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "tag",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="taggings", to="generations.tag"
                    ),
                ),
                (
                    "generation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="taggings",
                        to="generations.generation",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "verbose_name": "tag of a take",
                "indexes": [models.Index(fields=["tag", "-generation"], name="takes_of_tag")],
                "constraints": [models.UniqueConstraint(fields=("tag", "generation"), name="one_tagging_per_take")],
            },
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="generations.wanaccount"
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                ("value", models.FloatField(default=0)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("account", "name"), name="one_tally_per_name")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Template",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="templates",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        help_text="Whose members may use it; empty: only its owner.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="templates",
                        to="teams.project",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("recipe", "Whole recipe"), ("negative", "Only what to keep out")],
                        default="recipe",
                        max_length=8,
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "recipe",
                    models.JSONField(
                        help_text="Fields of the composer; shots as a list of text and seconds.", verbose_name="recipe"
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "verbose_name": "template",
                "verbose_name_plural": "templates",
                "indexes": [models.Index(fields=["owner", "name"], name="template_of_owner")],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Waveform",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "audio",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="waveform",
                        to="generations.audioupload",
                    ),
                ),
                (
                    "peaks",
                    models.BinaryField(
                        default=bytes, help_text="The loudest moment of each equal part, full scale is 255."
                    ),
                ),
                ("silences", models.JSONField(default=list, help_text="Pairs of begin and end, in seconds.")),
                ("due_at", models.DateTimeField(default=django.utils.timezone.now, null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="waveform_due")
                ],
                "constraints": [],
            },
        ),
        migrations.AddField(
            model_name="alarm",
            name="told",
            field=models.ManyToManyField(
                related_name="+", through="generations.AlarmNotice", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="collection",
            name="takes",
            field=models.ManyToManyField(
                related_name="collections", through="generations.Collected", to="generations.generation"
            ),
        ),
        migrations.AddField(
            model_name="tag",
            name="takes",
            field=models.ManyToManyField(
                related_name="tags", through="generations.Tagging", to="generations.generation"
            ),
        ),
    ]
