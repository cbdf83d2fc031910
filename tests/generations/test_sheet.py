"""The call sheet: rows from lines, CSV and axes; errors by row; sent all or none, paused and canceled as one."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from generations import crossing
from generations.forms import MODEL
from generations.lifecycle import batches
from generations.lifecycle.refused import Refused
from generations.models import Batch, Event, Generation, Switchboard, WanAccount
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
            ('prompt,ratio\nFog,1:1\n"A boat,16:9\nSnow,9:16', "The row in line 3 can't be read"),
            ('prompt,ratio\n"A boat"s,16:9\nSnow,9:16', "The row in line 2 can't be read"),
            ("prompt,colour\nA boat,red", "colour"),
            ("prompt,prompt\nA boat,red", "prompt"),
            ("prompt,,ratio\nA boat,,9:16", "has: prompt"),
            ('sep=;\nprompt;ratio\n"A boat;16:9', "The row in line 3 can't be read"),
            ('\r\n \nprompt,ratio\n"A boat,16:9', "The row in line 4 can't be read"),
            ('\ufeff\n\nsep=;\nprompt;ratio\n"A boat;16:9', "The row in line 5 can't be read"),
        ],
    )
    def test_broken_csv_says_where(self, text, words):
        sheet = Sheet(text, DEFAULTS)

        assert words in sheet.errors[0]
        assert not sheet.is_fine

    @pytest.mark.parametrize(
        "text",
        [
            "sep=;\nprompt;ratio\nA boat, far;9:16\n",
            '\ufeff"sep=;"\r\nprompt;ratio\r\nA boat, far;9:16\r\n',
            "SEP=|\nprompt|ratio\nA boat, far|9:16\n",
            'prompt,ratio,,\n"A boat, far",9:16,,\n,,,\n',
            'prompt,ratio, ,\n"A boat, far",9:16\n',
            'prompt,ratio\n"A boat, far",9:16,, ,\n',
        ],
    )
    def test_what_a_spreadsheet_adds_is_no_row_and_no_column(self, text):
        sheet = Sheet(text, DEFAULTS)

        assert [(recipe.prompt, recipe.ratio) for recipe in sheet.recipes] == [("A boat, far", "9:16")]
        assert sheet.is_fine

    def test_text_under_a_column_without_a_name_is_told(self):
        assert (
            "3 cells under 2 column names" in Sheet("prompt,ratio,\nA boat,9:16,far\n", DEFAULTS).rows[0].errors[0][1]
        )

    def test_a_cell_that_is_far_too_long_is_told_at_its_row(self):
        sheet = Sheet(f"prompt,ratio\nSnow,9:16\n{'x' * 135_000},9:16\n", DEFAULTS)

        assert sheet.wrong[0].errors == [("prompt", "130,000 characters too many, Wan would cut the end off.")]

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
            ({"prompt": "x", "seeds": "random," * 201}, "seeds fit"),
            ({"prompt": "x", "seeds": "1-100", "ratios": ["16:9", "9:16", "1:1"]}, "This makes 300 rows"),
        ],
    )
    def test_what_cannot_be_crossed_gets_words_and_changes_nothing(self, post, account, fields, words):
        answer = post("A harbour", do="cross", **fields)

        assert words in answer.content.decode()
        assert text_of(answer) == "A harbour"

    def test_seeds_are_read_once_each(self):
        assert crossing.seeds("3, 1-3；7") == ["3", "1", "2", "7"]

    def test_drawn_seeds_are_as_many_as_are_named(self):
        assert crossing.seeds("Random, 3, random, 3") == ["", "3", ""]


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

    @pytest.mark.parametrize(
        ("account_is", "board_is", "words"),
        [
            ({"breaker": "key"}, {}, "Wan has refused this account&#x27;s key and not accepted it since."),
            ({"held_until": timezone.now() + timedelta(days=1), "held_for": "throttled"}, {}, "Wan is busy."),
            ({}, {"submitting": False}, "An administrator has stopped sending"),
        ],
    )
    def test_says_why_nothing_is_sent_as_the_queue_does(self, post, account, account_is, board_is, words):
        WanAccount.objects.filter(pk=account.pk).update(**account_is)
        Switchboard.objects.update_or_create(pk=1, defaults=board_is)

        assert words in post("A boat").content.decode()

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

    @pytest.mark.parametrize("mark", [True, False])
    def test_the_mark_is_the_projects_unless_it_is_switched_or_a_row_says_else(
        self, post, as_alice, project, account, mark
    ):
        type(project).objects.filter(pk=project.pk).update(defaults={"watermark": mark})
        form = as_alice.get(URL, {"project": project.uuid}).context["call_sheet"].form

        shown = {"watermark": "on"} if form["watermark"].value() else {}
        rows = post("prompt,watermark\nRain,\nSnow,no\nFog,yes\nSun,perhaps\n", **shown)

        assert [row.recipe.watermark for row in rows_of(rows)[:3]] == [mark, False, True]
        assert rows_of(rows)[3].errors == [("watermark", "Write yes or no.")]
        assert post("Rain", do="send", **shown).status_code == 303
        assert Generation.objects.get().watermark is mark

    @pytest.mark.parametrize("shown", [{}, {"watermark": "on"}])
    def test_the_mark_is_the_composers(self, post, account, shown):
        sheet = post(do="open", prompt="Harbour", **shown).context["call_sheet"]

        assert (sheet.values["watermark"], sheet.data["watermark"]) == (bool(shown), bool(shown))

    @pytest.mark.parametrize(
        ("fields", "seeds"),
        [
            ({"takes": "3", "seed": "41", "seeds": "consecutive"}, ["41", "42", "43"]),
            ({"takes": "2", "seed": "2147483647", "seeds": "consecutive"}, ["2147483647", "0"]),
            ({"takes": "3", "seed": "41", "seeds": "fresh"}, ["41", "", ""]),
            ({"takes": "2"}, ["", ""]),
            ({"takes": "9" * 4000, "seed": "7"}, ["7"]),
        ],
    )
    def test_the_composers_takes_come_along_as_rows(self, post, account, fields, seeds):
        asked = post(do="open", prompt="Harbour", **fields).context["call_sheet"].values["seeds"]

        rows = rows_of(post(do="cross", prompt="Harbour", seeds=asked))

        assert [row.typed.get("seed", "") for row in rows] == seeds

    def test_a_proof_of_the_composer_stays_one(self, post, account):
        shots = "Harbour\nShot 1 [0-6s] Wide\nShot 2 [6-12s] Close"
        opened = post(do="open", prompt=shots, proof="on", resolution="1080P", duration="12", takes="2")
        shown = {"proof": "on"} if opened.context["call_sheet"].form["proof"].value() else {}
        sheet = post(do="cross", prompt=shots, seeds="7", duration="12", resolution="1080P", **shown)
        assert "Proof" in sheet.content.decode()

        post(text_of(sheet), do="send", resolution="1080P", duration="12", **shown)

        take = Generation.objects.get()
        assert (take.is_proof, take.resolution, take.duration) == (True, "720P", 3)
        assert take.print_recipe["duration"] == 12
        assert take.reserved == 3 * take.account.price_per_second(take.model, "720P")

    def test_a_row_may_be_a_proof_or_none(self, post, account):
        rows = rows_of(post("prompt,proof,duration\nRain,yes,8\nSnow,no,8\nFog,,8\n", proof="on"))

        assert [row.recipe.duration for row in rows] == [3, 8, 3]

    def test_a_row_is_edited_copied_and_removed(self, post, account):
        editing = post(CSV, do="edit:2").content.decode()
        assert re.search(r'<textarea name="row-prompt"[^>]*>Snow</textarea>', editing)
        assert '<label for="row-prompt_extend">Let Wan rewrite the prompt</label>' in editing

        text = text_of(post(CSV, do="save:2", **{"row-prompt": "Fog, thick", "row-duration": "3"}))
        text = text_of(post(text, do="copy:2"))
        answer = post(text, do="remove:1")

        assert [(row.recipe.prompt, row.recipe.duration) for row in rows_of(answer)] == [("Fog, thick", 3)] * 2

    def test_enter_keeps_the_row_that_is_edited(self, post, account):
        def first_button(html):
            return re.search(r'<button[^>]* name="do" value="([^"]+)"', html.partition('id="call-sheet"')[2])[1]

        assert first_button(post(CSV).content.decode()) == "check"
        assert first_button(post(CSV, do="edit:2").content.decode()) == "save:2"
        assert first_button(post(CSV, do="save:2", **IN_HAND).content.decode()) == "check"

    def test_a_row_offers_what_may_be_chosen_and_keeps_what_may_not(self, post, account):
        editing = post("prompt,ratio,prompt_extend\nFog,21:9,\n", do="edit:1").content.decode()

        ratio = re.search(r'<select name="row-ratio".*?</select>', editing, re.DOTALL)[0]
        assert re.findall(r"<option[^>]*>([^<]+)", ratio) == ["16:9, as above", *MODEL.ratios, "21:9"]
        assert "<option selected>21:9</option>" in ratio
        assert re.search('<option value="">(yes|no), as above</option>', editing)

    def test_what_is_wrong_is_told_by_the_names_of_the_fields(self, post, account):
        html = post("prompt,duration,prompt_extend,seed\nFog,99,perhaps,x\n").content.decode()

        assert re.findall(r"<b>([^<]+)</b> ", html) == ["Duration", "Seed", "Let Wan rewrite the prompt"]

    def test_what_is_wrong_stands_in_its_column(self, post, account):
        html = post("prompt,duration,ratio,seed\nFog,99,9:16,x\nSnow,99,,\n").content.decode()

        cells = re.findall(r'<td class="dim"([^>]*)>([^<]*)</td>', html)
        assert [cell.split() for _about, cell in cells] == [["99", "9:16"], ["x"], ["99"], []]
        assert ['data-name="Seed"' in about for about, _cell in cells] == [False, True, False, False]

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

    def test_the_edited_row_is_found_though_others_come_and_go(self, post, account):
        opened = post("A\nB\nC", do="edit:2").context["call_sheet"].opened
        in_hand = IN_HAND | {"opened": opened}

        for text, prompts in (
            ("A\nC\nB", "ACF"),
            ("B\nC", "FC"),
            ("Z\nA\nB\nB", "ZAFB"),
            ("prompt,seed\nB,\nC,", "FC"),
        ):
            checked = post(text, **in_hand)
            kept = post(text, do="save:2", **in_hand)

            assert "".join(row.typed["prompt"][0] for row in rows_of(checked)) == prompts
            assert "".join(row.typed["prompt"][0] for row in rows_of(kept)) == prompts
            assert f'name="editing" value="{prompts.index("F") + 1}"' in checked.content.decode()
            assert f'name="opened" value="{opened}"' in checked.content.decode()

    def test_a_row_that_was_edited_and_is_gone_from_the_text_overwrites_none(self, post, account):
        in_hand = IN_HAND | {"opened": post("A\nB\nC", do="edit:2").context["call_sheet"].opened}
        gone = (
            "The row that you edit is not in the text any more. Keep what you typed as a row of its own, or leave it."
        )

        for do in ("check", "send", "edit:1", "copy:2", "remove:1", "cross"):
            answer = post("A\nC", do=do, prompt="Sun", **in_hand)

            sheet = answer.context["call_sheet"]
            assert sheet.complaints == [gone]
            assert (sheet.values["text"], sheet.editing, sheet.in_hand["prompt"]) == ("A\nC", 3, "Fog, thick")
            assert re.search(r'<textarea name="row-prompt"[^>]*>Fog, thick</textarea>', answer.content.decode())
            assert "Fog, thick" in sheet.data["text"]
        assert not Generation.objects.exists()
        kept = post("A\nC", do="save:3", **in_hand)
        assert [row.recipe.prompt for row in rows_of(kept)] == ["A", "C", "Fog, thick"]
        assert text_of(post("A\nC", do="leave", **in_hand)) == "A\nC"

    def test_a_text_that_cannot_be_read_loses_no_row_in_hand(self, post, account):
        opened = post(CSV, do="edit:2").context["call_sheet"].opened
        broken = CSV.replace('macro"', "macro")

        for do in ("check", "save:2"):
            html = post(broken, do=do, **IN_HAND, opened=opened).content.decode()

            assert re.search(r'<textarea name="row-prompt"[^>]*>Fog, thick</textarea>', html)
            assert "a quotation mark is missing" in html
            assert "is not in the text any more" not in html

    def test_a_button_of_a_row_finds_it_though_the_text_has_changed(self, post, account):
        def value(act):
            return re.search(rf'value="({act}:2:[^"]+)"', page)[1]

        page = post("A\nB\nC").content.decode()

        assert [row.recipe.prompt for row in rows_of(post("B\nC", do=value("remove")))] == ["C"]
        assert [row.recipe.prompt for row in rows_of(post("B\nC", do=value("copy")))] == ["B", "B", "C"]
        assert post("B\nC", do=value("edit")).context["call_sheet"].editing == 1
        assert post("A\nFog", do=value("edit")).context["call_sheet"].editing == 2  # typed just before the press
        gone = post("A\nC", do=value("remove"))
        assert text_of(gone) == "A\nC"
        assert "This row is not in the text any more. Nothing was changed." in gone.content.decode()

    def test_a_file_is_read(self, post, account):
        answer = post("typed", do="read", file=SimpleUploadedFile("rows.csv", CSV.encode("utf-8-sig")))

        assert [row.recipe.prompt for row in rows_of(answer)] == ["Rain, macro", "Snow"]

    @pytest.mark.parametrize("data", [b"prompt\n\xff\xe9\xfa", b""])
    def test_a_file_that_is_no_text_leaves_the_rows_alone(self, post, account, data):
        answer = post("typed", do="read", file=SimpleUploadedFile("rows.csv", data))

        assert text_of(answer) == "typed"
        assert 'id="sheet-errors"' in answer.content.decode()

    def test_the_template_is_a_sheet_without_errors(self, as_alice, account):
        answer = as_alice.get("/studio/sheet/template.csv")

        assert "attachment" in answer["Content-Disposition"]
        assert Sheet(answer.content.decode(), DEFAULTS).is_fine

    @pytest.mark.parametrize(("person", "status"), [("bob", 200), ("vera", 403), ("charlie", 404)])
    def test_is_for_editors(self, client, request, project, person, status):
        client.force_login(request.getfixturevalue(person))

        assert client.get(URL, {"project": project.uuid}).status_code == status
        assert client.post(URL, {"project": project.uuid, "text": "x", "do": "check"}).status_code == status

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_an_archived_project_says_that_it_is(self, as_alice, project, method):
        type(project).objects.filter(pk=project.pk).update(archived_at=timezone.now())

        answer = getattr(as_alice, method)(URL, {"project": project.uuid, "do": "check"})

        assert answer.status_code == 403
        assert "data-denied>This project is archived" in answer.content.decode()

    def test_guests_sign_in(self, client, project):
        assert client.get(URL, {"project": project.uuid}).status_code == 302

    def test_costs_few_queries(self, as_alice, project, account, django_assert_max_num_queries):
        rows = "\n".join(f"Boat {n}" for n in range(MOST))
        as_alice.post(URL, {"project": project.uuid, "text": rows, "do": "check"})
        with django_assert_max_num_queries(13):  # three of them keep it as a draft
            as_alice.post(URL, {"project": project.uuid, "text": rows, "do": "check"})

    def test_says_what_each_word_does(self, as_alice, project):
        html = as_alice.get(URL, {"project": project.uuid}).content.decode()

        box = re.search(r'<label class="word"[^>]*data-word="([^"]+)"><input [^>]*value="moonlight"[^>]*>', html)
        assert box[1].startswith("moonlight · ")
        about = re.search(r'title="([^"]+)"', box[0].partition("<input")[2])[1]
        assert f'title="{about}"' in box[0].partition("<input")[0]

    def test_while_somebody_writes_only_the_rows_are_answered(
        self, as_alice, project, account, django_assert_max_num_queries
    ):
        typed = {"project": project.uuid, "text": "A boat leaves", "do": "check"}
        as_alice.post(URL, typed)

        with django_assert_max_num_queries(11):  # nothing of the bar above
            html = as_alice.post(URL, typed, headers={"HX-Request": "true"}).content.decode()

        assert html.strip().startswith('<div id="sheet-draft">')
        assert [part in html for part in ('id="sheet-rows"', 'id="sheet-send"')] == [True, True]
        assert [part in html for part in ("<html", 'id="call-sheet"')] == [False, False]
        assert "<html" in as_alice.get(URL, {"project": project.uuid}, headers={"HX-Request": "true"}).content.decode()


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

    @pytest.mark.parametrize(
        "numbers",
        [{"seed": "9" * 5000}, {"shots-0-seconds": "9" * 5000}, {"duration": "9" * 5000}, {"editing": "9" * 5000}],
    )
    @pytest.mark.parametrize("do", ["open", "check", "cross", "copy:" + "9" * 5000])
    def test_a_number_of_thousands_of_digits_never_breaks_the_page(self, post, account, numbers, do):
        answer = post(CSV, do=do, **{"prompt": "Fog", "shots-0-text": "Sun", "row-prompt": "Rain"} | numbers)

        assert answer.status_code == 200

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
        assert all(take.scene.is_named for take in takes)
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

    @pytest.mark.parametrize(
        "changed",
        [
            "Fog\n",
            CSV + "Fog,,,,\n",
            CSV.replace("4", "5"),
            CSV.replace("7", ""),
            CSV.replace(",Rain\n", ",Wet\n"),
            CSV.partition("Snow")[0],
        ],
    )
    def test_a_press_that_arrived_does_not_stand_for_other_rows(self, post, account, as_alice, project, changed):
        post(CSV, do="send", name="Weather")
        hold = post(changed).context["call_sheet"].hold
        named = {"draft": hold.uuid, "draft_version": hold.version, "draft_writer": hold.writer}

        refused = post(changed, do="send", **named)

        call_sheet = refused.context["call_sheet"]
        assert refused.status_code == 422
        assert call_sheet.notice == (
            "Your earlier press arrived and made 2 takes, sent as “Weather”. "
            "What you changed since was not sent: press again for it."
        )
        assert call_sheet.notice in refused.content.decode()
        assert Batch.objects.count() == 1
        assert as_alice.get(URL, {"project": project.uuid}).context["call_sheet"].values["text"] == changed
        assert post(changed, do="send", press=call_sheet.press, **named).status_code == 303
        assert Batch.objects.count() == 2

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
        assert "recount from:body" in html  # what is done to one of its takes

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

    def test_canceled_says_what_was_possibly_charged_and_what_is_remembered(self, batch, do):
        first, second, _third = batch.takes.all()
        Generation.objects.filter(pk=first.pk).update(possibly_charged="0.50")
        Generation.objects.filter(pk=second.pk).update(status="uncertain")

        html = do("cancel", **{"HX-Request": "true"}).content.decode()

        assert "2 takes canceled. Possibly charged for earlier tries: US$\u00a00.50." in html
        assert "1 more will be canceled if Wan, once it has answered, has not started them." in html

    def test_is_stopped_in_an_archived_project_too(self, client, bob, batch, do):
        """Stopping costs nothing."""
        type(batch.project).objects.filter(pk=batch.project_id).update(archived_at=timezone.now())
        client.force_login(bob)

        html = client.get(f"/batches/{batch.uuid}/").content.decode()
        do("pause")
        kept = batch.takes.exclude(paused_at=None).count()
        do("cancel")

        assert 'value="pause"' in html
        assert 'value="cancel"' in html
        assert "New call sheet" not in html
        assert kept == 3
        assert batch.takes.filter(status="canceled").count() == 3

    def test_has_no_buttons_when_all_that_is_left_is_rendering(self, as_alice, batch, do):
        do("pause")
        Generation.objects.filter(pk=batch.takes.first().pk).update(status="running")
        do("cancel")

        html = as_alice.get(f"/batches/{batch.uuid}/", headers={"HX-Request": "true"}).content.decode()

        assert "0 of 3 ready · 1 on their way · 2 ended without a clip<" in html
        assert "<button" not in html
        assert "batch-changed from:body" in html

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
