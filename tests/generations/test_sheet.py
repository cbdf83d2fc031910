"""The call sheet: rows from lines, CSV and axes; errors by row; sent all or none, paused and canceled as one."""

from __future__ import annotations

import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from generations import crossing
from generations.lifecycle import batches
from generations.lifecycle.press import Refused
from generations.models import Batch, Event, Generation
from generations.sheet import MOST, Sheet
from tests.factories import AccountFactory
from tests.generations.pressing import RECIPE

URL = "/studio/sheet/"
DEFAULTS = {"resolution": "720P", "ratio": "16:9", "duration": "5", "negative_prompt": "", "prompt_extend": True}
CSV = 'prompt,ratio,duration,seed,scene\n"Rain, macro",9:16,4,7,Rain\nSnow,,,,\n'
IN_HAND = {"editing": "2", "row-prompt": "Fog, thick", "row-duration": "3"}


@pytest.fixture
def account(team):
    return AccountFactory(team=team)


@pytest.fixture
def post(as_alice, project):
    token = uuid.uuid4()

    def post(text="", do="check", **fields):
        data = {"project": project.uuid, "press": token, "text": text, "do": do, "resolution": "720P", **fields}
        return as_alice.post(URL, data)

    return post


def text_of(answer) -> str:
    """What stands in the sheet's text."""
    return answer.context["call_sheet"].values["text"]


def rows_of(answer):
    return answer.context["call_sheet"].sheet.rows


class TestReading:
    def test_a_line_is_a_prompt(self):
        sheet = Sheet("A boat\n\n  A harbour, at dusk  \r\n第三个：雨", DEFAULTS)

        assert [recipe.prompt for recipe in sheet.recipes] == ["A boat", "A harbour, at dusk", "第三个：雨"]
        assert {recipe.resolution for recipe in sheet.recipes} == {"720P"}

    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_a_first_line_that_names_prompt_makes_it_csv(self, delimiter):
        text = "\ufeffPrompt,Ratio,seed\nA boat,9:16,7\n\nSnow,,\n".replace(",", delimiter)

        first, second = Sheet(text, DEFAULTS).recipes

        assert (first.prompt, first.ratio, first.seed) == ("A boat", "9:16", 7)
        assert (second.prompt, second.ratio, second.seed) == ("Snow", "16:9", None)

    def test_quoted_cells_hold_commas_lines_and_quotation_marks(self):
        sheet = Sheet('prompt,duration\n"She says: ""Go!"",\nand turns",3\n', DEFAULTS)

        assert sheet.recipes[0].prompt == 'She says: "Go!",\nand turns'

    def test_errors_stand_at_their_rows_and_name_the_column(self):
        text = f"prompt,ratio,duration,seed,prompt_extend\nok,,,,\n,,,,yes\nx,2:1,40,-1,perhaps\n{'y' * 5001},,,,\n"

        sheet = Sheet(text, DEFAULTS)

        assert [row.number for row in sheet.wrong] == [2, 3, 4]
        assert {name for name, _sentence in sheet.wrong[1].errors} == {"ratio", "duration", "seed", "prompt_extend"}
        assert "1 character too many" in sheet.wrong[2].errors[0][1]
        assert not sheet.is_fine

    def test_too_many_cells_are_told_and_never_dropped_by_an_edit(self):
        sheet = Sheet("prompt,ratio\nA boat, in the rain,16:9\n", DEFAULTS)

        assert "3 cells under 2 column names" in sheet.rows[0].errors[0][1]
        assert not sheet.is_editable

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ('prompt,ratio\n"A boat,16:9\nSnow,9:16', "Line 3 cannot be read"),
            ("prompt,colour\nA boat,red", "colour"),
            ("prompt,prompt\nA boat,red", "prompt"),
            ("prompt,\nA boat,", "has: prompt"),
        ],
    )
    def test_broken_csv_says_where(self, text, words):
        sheet = Sheet(text, DEFAULTS)

        assert words in sheet.errors[0]
        assert not sheet.is_fine

    def test_what_is_written_reads_the_same(self):
        rows = [{"prompt": 'a "b", c\nd', "seed": "7"}, {"prompt": "=1+1", "scene": "Rain"}]
        sheet = Sheet("", DEFAULTS)

        again = Sheet(sheet.with_more(rows), DEFAULTS)

        assert [(row.typed["prompt"], row.typed["seed"], row.scene) for row in again.rows] == [
            ('a "b", c\nd', "7", ""),
            ("=1+1", "", "Rain"),
        ]


class TestCrossing:
    def test_every_seed_with_every_ratio_with_every_word(self, post, account):
        answer = post(
            do="cross",
            prompt="A boat",
            seeds="1-2, 9",
            ratios=["16:9", "9:16"],
            words=["close-up", "full shot", "moonlight"],
        )

        rows = rows_of(answer)
        assert len(rows) == 3 * 2 * 2
        assert rows[0].recipe.prompt == "A boat, close-up, moonlight"
        assert {row.recipe.seed for row in rows} == {1, 2, 9}

    def test_words_follow_the_language_of_the_prompt(self, post, account):
        answer = post(do="cross", prompt="一条小船", words=["close-up"])

        assert rows_of(answer)[0].recipe.prompt == "一条小船，特写"

    def test_rows_are_added_to_those_that_are_there(self, post, account):
        answer = post(CSV, do="cross", prompt="A boat", seeds="5")

        assert [row.recipe.prompt for row in rows_of(answer)] == ["Rain, macro", "Snow", "A boat"]

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"prompt": ""}, "Write the prompt"),
            ({"prompt": "x", "seeds": "1-x"}, "This is none: 1-x"),
            ({"prompt": "x", "seeds": "9-2"}, "This is none: 9-2"),
            ({"prompt": "x", "seeds": "0-2147483647"}, "seeds fit"),
            ({"prompt": "x", "seeds": "1-100", "ratios": ["16:9", "9:16", "1:1"]}, "This makes 300 rows"),
        ],
    )
    def test_what_cannot_be_crossed_gets_words_and_changes_nothing(self, post, account, fields, words):
        answer = post("A harbour", do="cross", **fields)

        assert words in answer.content.decode()
        assert text_of(answer) == "A harbour"

    def test_seeds_are_read_once_each(self):
        assert crossing.seeds("3, 1-3；7") == ["3", "1", "2", "7"]


class TestPage:
    def test_an_empty_sheet_explains_itself(self, as_alice, project, account):
        html = as_alice.get(URL, {"project": project.uuid}).content.decode()

        assert "No rows yet" in html
        assert "prompt_extend" in html

    def test_shows_price_and_finish_of_all(self, post, account):
        html = post(CSV).content.decode()

        assert "US$\u00a00.90" in html  # 4 s and 5 s at US$ 0.10
        assert "perhaps" in html
        assert "Generate 2 takes" in html

    def test_what_the_composer_held_comes_along(self, post, account):
        answer = post(
            do="open",
            prompt="Harbour",
            seed="41",
            **{"shots-0-text": "Wide", "shots-0-seconds": "2", "shots-1-text": "Close", "shots-1-seconds": "3"},
        )

        html = answer.content.decode()
        assert "Harbour\nShot 1 [0-2s] Wide\nShot 2 [2-5s] Close" in html
        assert 'value="41"' in html

    def test_a_row_is_edited_copied_and_removed(self, post, account):
        editing = post(CSV, do="edit:2").content.decode()
        assert re.search(r'<textarea name="row-prompt"[^>]*>Snow</textarea>', editing)

        text = text_of(post(CSV, do="save:2", **{"row-prompt": "Fog, thick", "row-duration": "3"}))
        text = text_of(post(text, do="copy:2"))
        answer = post(text, do="remove:1")

        assert [(row.recipe.prompt, row.recipe.duration) for row in rows_of(answer)] == [("Fog, thick", 3)] * 2

    def test_a_check_keeps_the_row_that_is_edited(self, post, account):
        sheet = post(CSV, **IN_HAND | {"row-duration": "99"}).context["call_sheet"]

        assert (sheet.editing, sheet.in_hand["prompt"], sheet.values["text"]) == (2, "Fog, thick", CSV)
        assert sheet.sheet.wrong == [sheet.sheet.rows[1]]
        assert "Fog, thick" in sheet.data["text"]  # a closed tab loses nothing

    def test_an_emptied_row_stays_in_its_place(self, post, account):
        emptied = {"editing": "1", "row-prompt": ""}

        assert [len(row.errors) for row in rows_of(post(CSV, **emptied))] == [1, 0]
        assert text_of(post(CSV, do="edit:2", **emptied)) == CSV

    @pytest.mark.parametrize(
        ("do", "prompts"),
        [
            ("edit:1", ["Rain, macro", "Fog, thick"]),
            ("copy:2", ["Rain, macro", "Fog, thick", "Fog, thick"]),
            ("remove:1", ["Fog, thick"]),
            ("cross", ["Rain, macro", "Fog, thick", "Sun"]),
            ("leave", ["Rain, macro", "Snow"]),
        ],
    )
    def test_a_step_elsewhere_takes_the_edited_row_along(self, post, account, do, prompts):
        answer = post(CSV, do=do, prompt="Sun", **IN_HAND)

        assert [row.recipe.prompt for row in rows_of(answer)] == prompts
        assert (answer.context["call_sheet"].editing, answer.context["call_sheet"].in_hand) == (do == "edit:1", None)

    def test_a_file_is_read(self, post, account):
        answer = post("typed", do="read", file=SimpleUploadedFile("rows.csv", CSV.encode("utf-8-sig")))

        assert [row.recipe.prompt for row in rows_of(answer)] == ["Rain, macro", "Snow"]

    @pytest.mark.parametrize("data", [b"prompt\n\xff\xe9\xfa", b""])
    def test_a_file_that_is_no_text_leaves_the_rows_alone(self, post, account, data):
        answer = post("typed", do="read", file=SimpleUploadedFile("rows.csv", data))

        assert text_of(answer) == "typed"
        assert 'role="alert"' in answer.content.decode()

    def test_the_template_is_a_sheet_without_errors(self, as_alice, account):
        answer = as_alice.get("/studio/sheet/template.csv")

        assert "attachment" in answer["Content-Disposition"]
        assert Sheet(answer.content.decode(), DEFAULTS).is_fine

    @pytest.mark.parametrize(("person", "status"), [("bob", 200), ("vera", 403), ("charlie", 404)])
    def test_is_for_editors(self, client, request, project, person, status):
        client.force_login(request.getfixturevalue(person))

        assert client.get(URL, {"project": project.uuid}).status_code == status
        assert client.post(URL, {"project": project.uuid, "text": "x", "do": "check"}).status_code == status

    def test_guests_sign_in(self, client, project):
        assert client.get(URL, {"project": project.uuid}).status_code == 302

    def test_costs_few_queries(self, as_alice, project, account, django_assert_max_num_queries):
        rows = "\n".join(f"Boat {n}" for n in range(MOST))
        as_alice.post(URL, {"project": project.uuid, "text": rows, "do": "check"})
        with django_assert_max_num_queries(13):  # three of them keep it as a draft
            as_alice.post(URL, {"project": project.uuid, "text": rows, "do": "check"})


class TestBadSheets:
    def test_ten_thousand_rows_get_words_by_row_and_nothing_is_sent_or_lost(self, post, account):
        text = "prompt,duration\n" + "\n".join(f"A boat number {n} leaves,{99 if n % 2 else 5}" for n in range(10_000))

        answer = post(text, do="send")

        html = answer.content.decode()
        assert answer.status_code == 422
        assert "This sheet has 10,000 rows. Up to 200 are sent at once" in html
        assert "5,000 to mend" in html
        assert "And 4,900 more" in html
        assert text_of(answer) == text
        assert "A boat number 9999 leaves" in html
        assert not Generation.objects.exists()

    def test_one_wrong_row_keeps_all_of_them_here(self, post, account):
        answer = post(CSV + "Fog,,99,,\n", do="send")

        assert answer.status_code == 422
        assert "Wan takes whole seconds from 2 to 15." in answer.content.decode()
        assert not Generation.objects.exists()
        assert not Batch.objects.exists()

    @pytest.mark.parametrize("text", ["", "\x00", "prompt\n", '"', "\u202eabc\n🎬🎬", "prompt\n" + '"' * 9999])
    def test_odd_text_never_breaks_the_page(self, post, account, text):
        assert post(text, do="check").status_code == 200

    @pytest.mark.parametrize("do", ["edit:9", "save:0", "remove:x", "explode", "copy:99999999"])
    def test_odd_steps_change_nothing(self, post, account, do):
        assert text_of(post(CSV, do=do)) == CSV

    def test_without_an_account_it_says_why(self, post, team):
        team.uses_installation_account = False
        team.save()

        answer = post(CSV, do="send")

        assert answer.status_code == 422
        assert "not set up yet" in answer.content.decode()


class TestSending:
    def test_sends_the_edited_row_as_it_is_typed(self, post, account):
        post(CSV, do="send", **IN_HAND)

        assert Generation.objects.filter(prompt="Fog, thick").exists()
        assert not Generation.objects.filter(prompt="Snow").exists()

    def test_makes_a_batch_of_takes_in_the_scenes_it_names(self, post, account, alice, project):
        answer = post(CSV, do="send", name="Weather")

        batch = Batch.objects.get()
        assert answer.status_code == 303
        assert answer["Location"] == f"/batches/{batch.uuid}/"
        takes = batch.takes.order_by("pk")
        assert [(take.scene.name, take.prompt, take.duration, take.ratio, take.seed) for take in takes] == [
            ("Rain", "Rain, macro", 4, "9:16", 7),
            ("Weather", "Snow", 5, "16:9", None),
        ]
        assert {take.owner for take in takes} == {alice}
        assert [take.reserved for take in takes] == [take.price for take in takes]

    def test_an_archived_project_makes_none(self, alice, account, project):
        project.archived_at = timezone.now()

        with pytest.raises(Refused, match="archived"):
            batches.send([("", RECIPE)], user=alice, project=project, name="", token=uuid.uuid4())

        assert not Batch.objects.exists()

    def test_each_row_is_reserved_at_its_own_price(self, post, account):
        post("prompt,resolution\na,720P\nb,1080P\n", do="send")

        prices = list(Generation.objects.order_by("pk").values_list("price_per_second", flat=True))
        assert prices == [account.price_per_second("wan2.7-t2v", name) for name in ("720P", "1080P")]

    def test_the_same_press_twice_is_one_batch(self, post, account):
        first = post(CSV, do="send")
        second = post(CSV, do="send")

        assert first["Location"] == second["Location"]
        assert Generation.objects.count() == 2

    def test_the_whole_of_a_big_sheet(self, post, account):
        post("\n".join(f"Boat {n}" for n in range(MOST)), do="send")

        assert Batch.objects.get().takes.count() == MOST

    def test_renders_to_the_end(self, post, simulator, way, team):
        post("Boat\nRain\nSnow", do="send", duration="2")

        for take in Generation.objects.all():
            way.until(take, "ready")

        assert Batch.objects.get().takes.filter(status="ready").count() == 3


class TestBatch:
    @pytest.fixture
    def batch(self, post, account):
        post("Boat\nRain\nSnow", do="send")
        return Batch.objects.get()

    @pytest.fixture
    def do(self, client, batch):
        return lambda act, **headers: client.post(f"/batches/{batch.uuid}/line", {"do": act}, headers=headers)

    def test_its_page_shows_how_far_it_is(self, as_alice, batch):
        html = as_alice.get(f"/batches/{batch.uuid}/").content.decode()

        assert "0 of 3 ready · 3 waiting here" in html
        assert html.count('<article class="take"') == 3
        assert "Cancel all" in html

    def test_a_poll_gets_only_the_head(self, as_alice, batch):
        html = as_alice.get(f"/batches/{batch.uuid}/", headers={"HX-Request": "true"}).content.decode()

        assert "<article" not in html
        assert "batch-changed from:body" in html

    def test_is_paused_and_resumed_as_one(self, as_alice, batch, do):
        answer = do("pause")

        assert answer.status_code == 303
        assert batch.takes.filter(paused_at=None).count() == 0
        assert "paused" in as_alice.get(f"/batches/{batch.uuid}/").content.decode()

        do("resume")

        assert batch.takes.exclude(paused_at=None).count() == 0
        assert Event.objects.filter(kind="resumed").count() == 3

    def test_a_take_that_comes_back_from_wan_is_kept_here_too(self, as_alice, batch, do):
        take = batch.takes.first()
        Generation.objects.filter(pk=take.pk).update(status="submitting")

        do("pause")

        take.refresh_from_db()
        assert take.paused_at is not None

    def test_is_canceled_as_one_and_says_what_goes_on(self, as_alice, batch, do):
        first = batch.takes.first()
        Generation.objects.filter(pk=first.pk).update(status="running")

        html = do("cancel", **{"HX-Request": "true"}).content.decode()

        assert "2 takes canceled, free of charge." in html
        assert "1 are rendering already" in html
        assert sorted(batch.takes.values_list("status", flat=True)) == ["canceled", "canceled", "running"]

    def test_an_unknown_act_is_a_bad_request(self, as_alice, do):
        assert do("explode").status_code == 400

    @pytest.mark.parametrize(("person", "seen", "done"), [("bob", 200, 303), ("vera", 200, 403), ("charlie", 404, 404)])
    def test_rights(self, client, request, batch, do, person, seen, done):
        client.force_login(request.getfixturevalue(person))

        assert client.get(f"/batches/{batch.uuid}/").status_code == seen
        assert do("pause").status_code == done

    def test_a_viewer_has_no_buttons(self, client, vera, batch):
        client.force_login(vera)

        assert "Cancel all" not in client.get(f"/batches/{batch.uuid}/").content.decode()

    def test_costs_few_queries(self, as_alice, post, account, django_assert_max_num_queries):
        post("\n".join(f"Boat {n}" for n in range(40)), do="send", press=uuid.uuid4())
        batch = Batch.objects.get()
        as_alice.get(f"/batches/{batch.uuid}/")

        with django_assert_max_num_queries(18):
            as_alice.get(f"/batches/{batch.uuid}/")
        Generation.objects.update(status="canceled", finished_at=timezone.now(), due_at=None)
        with django_assert_max_num_queries(11):
            as_alice.get(f"/batches/{batch.uuid}/")


class TestTray:
    @pytest.fixture
    def batch(self, post, account):
        post("\n".join(f"Boat {n}" for n in range(60)), do="send", name="Sixty boats")
        return Batch.objects.get()

    def test_a_call_sheet_is_one_line_with_its_buttons(self, as_alice, project, batch):
        Generation.objects.filter(pk__in=[take.pk for take in batch.takes.all()[:2]]).update(status="running")

        html = as_alice.get("/studio/", {"project": project.uuid, "show": "clips"}).content.decode()

        assert "Sixty boats" in html
        assert "2 rendering · 58 waiting" in html
        assert html.count(f"/batches/{batch.uuid}/line") == 2  # action and hx-post of one form
        assert html.count("tray-cancel-") == 0

    def test_an_uncertain_take_of_it_stands_for_itself(self, as_alice, project, batch):
        take = batch.takes.order_by("pk").last()
        Generation.objects.filter(pk=take.pk).update(status="uncertain")

        html = as_alice.get("/studio/", {"project": project.uuid, "show": "clips"}).content.decode()

        assert "59 waiting" in html
        assert html.count(f'href="/generations/{take.uuid}/"') == 1

    def test_a_viewer_sees_the_line_without_buttons(self, client, vera, project, batch):
        client.force_login(vera)

        html = client.get("/studio/", {"project": project.uuid, "show": "clips"}).content.decode()

        assert "60 waiting" in html
        assert f"/batches/{batch.uuid}/line" not in html
