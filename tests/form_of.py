"""What a browser without script sends for a form as it stands on a page."""

from __future__ import annotations

from html.parser import HTMLParser

UNTYPED = ("submit", "button", "file", "image", "reset")


class Form(HTMLParser):
    def __init__(self, name: str) -> None:
        super().__init__()
        self._name, self._is_inside = name, False
        self.values: dict[str, str] = {}
        self.button: dict[str, str | None] | None = None
        self._text = self._select = None

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self._is_inside = given.get("id") == self._name
        is_ours = given["form"] == self._name if "form" in given else self._is_inside
        if tag == "option" and self._select and ("selected" in given or self._select not in self.values):
            self.values[self._select] = given.get("value", "")
        is_button = tag == "button" or (tag == "input" and given.get("type") in ("submit", "image"))
        if is_ours and is_button and given.get("type", "submit") != "button" and self.button is None:
            self.button = given
        if not is_ours or "name" not in given or "disabled" in given:
            return
        if tag == "input" and given.get("type") not in UNTYPED:
            if given.get("type") not in ("checkbox", "radio") or "checked" in given:
                self.values[given["name"]] = given.get("value") or ("on" if given.get("type") == "checkbox" else "")
        elif tag == "textarea":
            self._text = given["name"]
            self.values[self._text] = ""
        elif tag == "select":
            self._select = given["name"]

    def handle_data(self, data):
        if self._text:
            self.values[self._text] += data

    def handle_endtag(self, tag):
        if tag == "form":
            self._is_inside = False
        elif tag == "textarea" and self._text:
            self.values[self._text] = self.values[self._text].removeprefix("\n")
            self._text = None
        elif tag == "select":
            self._select = None


def form_of(page: str, name: str) -> dict[str, str]:
    """The values of the form with that id."""
    form = Form(name)
    form.feed(page)
    return form.values


def first_button_of(page: str, name: str) -> dict[str, str | None] | None:
    """Attributes of the button that Enter in a field of the form with that id presses: the first that submits it."""
    form = Form(name)
    form.feed(page)
    return form.button
