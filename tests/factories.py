"""One factory per model."""

from __future__ import annotations

import uuid
from datetime import date

import factory
from django.utils import timezone

from accounts.models import User
from generations.models import AudioUpload, Generation, Scene, WanAccount, Waveform
from teams.models import Budget, Membership, Project, Role, Scope, Team


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    name = factory.Faker("first_name")


class TeamFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Team

    name = "Harbour crew"


class ProjectFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Project

    team = factory.SubFactory(TeamFactory)
    name = "Harbour film"


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Membership

    role = Role.EDITOR


class BudgetFactory(factory.django.DjangoModelFactory):
    """Each month from long ago on, in US dollars."""

    class Meta:
        model = Budget

    scope = Scope.TEAM
    currency = "USD"
    month = date(2020, 1, 1)
    amount = 50


class AccountFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = WanAccount

    name = "Crew's Wan account"
    region = "singapore"
    origin = "http://127.0.0.1:9/api/v1"


class SceneFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Scene

    project = factory.SubFactory(ProjectFactory)
    name = "A boat leaves the harbour"
    created_by = factory.SubFactory(UserFactory)


class AudioFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AudioUpload

    project = factory.SubFactory(ProjectFactory)
    uploaded_by = factory.SubFactory(UserFactory)
    name = "harbour-theme.mp3"
    kind = "mp3"
    seconds = 8.2
    size = 131_200
    sha256 = "0" * 64
    storage = "local"
    key = factory.LazyAttribute(lambda o: f"audio/{uuid.uuid4()}/source.mp3")


class WaveformFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Waveform

    audio = factory.SubFactory(AudioFactory)
    peaks = bytes(range(0, 160, 2))
    silences = factory.LazyFunction(lambda: [[2.8, 3.4], [6.1, 6.9]])
    due_at = None


class GenerationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Generation

    scene = factory.SubFactory(SceneFactory)
    project = factory.SelfAttribute("scene.project")
    team = factory.SelfAttribute("project.team")
    owner = factory.SelfAttribute("scene.created_by")
    account = factory.SubFactory(AccountFactory)
    number = factory.Sequence(lambda n: n + 200_001)  # none that a press gives in the same scene
    press = factory.LazyFunction(uuid.uuid4)
    prompt = "A small fishing boat leaves the harbour at blue hour"
    sent_prompt = factory.SelfAttribute("prompt")
    resolution = "720P"
    ratio = "16:9"
    duration = 5
    seed = 7
    due_at = factory.LazyFunction(timezone.now)


class ReadyFactory(GenerationFactory):
    """A clip: archived and derived (the objects themselves are not there)."""

    status = "ready"
    due_at = None
    ready_at = factory.LazyFunction(timezone.now)
    finished_at = factory.SelfAttribute("ready_at")
    derived_at = factory.SelfAttribute("ready_at")
    storage = "local"
    video_key = factory.LazyAttribute(lambda o: f"generations/{uuid.uuid4()}/video.mp4")
    video_size = 4_400_000
    cost = 0.5
