import accounts.models.user
import django.utils.timezone
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("email", models.EmailField(max_length=254, unique=True, verbose_name="e-mail address")),
                ("name", models.CharField(blank=True, max_length=80, verbose_name="name")),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        choices=[("en", "English"), ("zh-hant", "繁體中文"), ("zh-hans", "简体中文")],
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                (
                    "theme",
                    models.CharField(
                        choices=[("dark", "Dark"), ("light", "Light"), ("auto", "System")],
                        default="dark",
                        max_length=5,
                        verbose_name="theme",
                    ),
                ),
                (
                    "time_zone",
                    models.CharField(
                        blank=True,
                        max_length=64,
                        validators=[accounts.models.user.is_time_zone],
                        verbose_name="time zone",
                    ),
                ),
                (
                    "uses_keys",
                    models.BooleanField(
                        default=True,
                        help_text="Single keys rate, pick and play. Off: only Tab, Enter and the keys of your browser.",
                        verbose_name="keyboard shortcuts",
                    ),
                ),
                (
                    "digest",
                    models.CharField(
                        choices=[("off", "Never"), ("hour", "Each hour"), ("day", "Each morning")],
                        default="off",
                        help_text="What the bell tells and you have not seen yet. Nothing is sent when there is nothing.",
                        max_length=4,
                        verbose_name="mail about what is new",
                    ),
                ),
                ("digested_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("is_active", models.BooleanField(default=True, verbose_name="may sign in")),
                ("is_staff", models.BooleanField(default=False, verbose_name="administers the installation")),
                ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("purged_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "people",
                "indexes": [],
                "constraints": [],
            },
        ),
    ]
