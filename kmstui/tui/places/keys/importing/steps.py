"""What the wizard asks: where the material is, and how it is imported."""

from __future__ import annotations

from datetime import datetime

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from kmstui.core.errors import UsageError
from kmstui.engine.wrapping import is_pair, material_sizes, wrapping_choices
from kmstui.tui import text
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.places.keys.importing.material import FILE, FRESH, Source, proposed_copy
from kmstui.tui.places.keys.importing.plan import (
    AFTER,
    EXISTING,
    FIRST,
    NEVER,
    NEW,
    ON,
    SHORT_ALGORITHMS,
    Kinds,
    Terms,
    about_algorithm,
    description_problem,
    expiry,
)
from kmstui.tui.places.keys.rotation.model import SYMMETRIC
from kmstui.tui.user_files import taken
from kmstui.tui.widgets.pick import Pick, PickOption
from kmstui.tui.widgets.safe_input import SafeInput

_FORMS = (
    PickOption("raw", "raw bytes"),
    PickOption("hex", "hex"),
    PickOption("base64", "Base64"),
)
_EXPIRES = (
    PickOption(NEVER, "never"),
    PickOption(ON, "on a date"),
    PickOption(AFTER, "after days"),
)


class Done(Message):
    """Enter ended the step."""


def beside(label: str, *widgets: Widget) -> Horizontal:
    """Put widgets beside a label."""
    return Horizontal(Static(text.literal(label, "$muted"), classes="label"), *widgets)


class SourceStep(Vertical):
    """Where the material comes from."""

    def __init__(self, key: KeySummary, kinds: Kinds) -> None:
        super().__init__(classes="step")
        self._key = key
        again = kinds.chosen == EXISTING
        reason = "the key is to have the same bytes as before" if again else ""
        self._sources = (
            PickOption(FILE, "a file"),
            PickOption(FRESH, "fresh material, made here", reason),
        )

    def compose(self) -> ComposeResult:
        """Lay out source, file and form."""
        yield Static(self._wanted(), classes="hint")
        yield beside("Source", Pick(self._sources, id="source"))
        yield beside("File", SafeInput(compact=True, id="path", placeholder="its path"))
        if not self._pair:
            forms = beside("Written as", Pick(_FORMS, id="form"))
            forms.id = "form-row"
            yield forms
        yield Static(id="remark")

    def on_mount(self) -> None:
        """Say what the source means."""
        self._say()

    @property
    def _pair(self) -> bool:
        return is_pair(self._key.spec)

    def _wanted(self) -> text.Content:
        if self._pair:
            what = "an unencrypted private key in PKCS#8, PEM or DER"
        else:
            sizes = material_sizes(self._key.spec)
            many = len(sizes) > 1
            what = f"{sizes.start} to {sizes.stop - 1} bytes" if many else f"{sizes.start} bytes"
        return text.template(
            "[b]Material[/] [$muted]· $spec takes $what[/]", spec=self._key.spec, what=what
        )

    @property
    def _fresh(self) -> bool:
        return self.query_one("#source", Pick).value == FRESH

    @on(Pick.Changed, "#source")
    def _source_picked(self, _event: Pick.Changed) -> None:
        field = self.query_one("#path", SafeInput)
        proposed = proposed_copy(self._key.label, self._key.key_id)
        if self._fresh and not field.value:
            field.value = proposed
        elif not self._fresh and field.value == proposed:
            field.clear()
        self._say()

    def _say(self) -> None:
        if not self._pair:
            self.query_one("#form-row").display = not self._fresh
        said = (
            "A copy goes to that new file first, which only you can read. It is the only way to "
            "import the same material again: keep it somewhere safe, not here."
            if self._fresh
            else "It is read here and wrapped at once. Nothing shows it, logs it or keeps it."
        )
        said += "".join(
            f" No {each.label}: {each.reason}." for each in self._sources if each.reason
        )
        self.query_one("#remark", Static).update(
            text.literal(said, "$warn" if self._fresh else "")
        )

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(Done())

    @property
    def source(self) -> Source:
        """What was chosen.

        Raises:
            UsageError: No file is named, or the new one is there already.
        """
        path = self.query_one("#path", SafeInput).value.strip()
        if not path:
            raise UsageError("Name a file.")
        if self._fresh and taken(path):
            raise UsageError(
                "There is such a file already.", hint="The copy goes to a new file only."
            )
        if self._fresh:
            return Source(FRESH, path)
        form = "pkcs8" if self._pair else self.query_one("#form", Pick).value
        return Source(FILE, path, form)  # type: ignore[arg-type]  # the picks are its literals

    def entry(self) -> Widget:
        """Start in the file."""
        return self.query_one("#path", SafeInput)


class TermsStep(Vertical):
    """How the material is imported."""

    def __init__(self, key: KeySummary, kinds: Kinds) -> None:
        super().__init__(classes="step")
        self._key = key
        self._kinds = kinds
        choices = wrapping_choices(key.spec)
        self._algorithms = tuple(dict.fromkeys(algorithm for algorithm, _ in choices))
        self._choices = choices

    def compose(self) -> ComposeResult:
        """Lay out kind, expiry, description and wrapping."""
        yield Static(
            text.markup("[b]Terms[/] [$muted]· how it is imported, and for how long[/]"),
            classes="hint",
        )
        if self._key.spec == SYMMETRIC:
            yield beside("Import as", Pick(self._offered(), self._kinds.chosen, id="kind"))
        yield beside("Expires", Pick(_EXPIRES, id="expires"))
        with Horizontal(id="moment-row"):
            yield Static(text.literal(""), classes="label")
            yield SafeInput(compact=True, id="moment")
        if self._key.spec == SYMMETRIC:
            yield beside(
                "Description",
                SafeInput(compact=True, id="description", placeholder="such as its ceremony"),
            )
        algorithms = [PickOption(each, SHORT_ALGORITHMS[each]) for each in self._algorithms]
        yield beside("Wrapping", Pick(algorithms, id="algorithm"))
        yield beside("Under", Pick(self._sizes(), id="wrapping-key"))
        yield Static(id="about")

    def on_mount(self) -> None:
        """Show what belongs to what is picked."""
        self._arrange()

    def _offered(self) -> list[PickOption]:
        words = {
            FIRST: "its first material",
            NEW: "new material, to rotate to",
            EXISTING: "the same again",
        }
        kinds = (FIRST,) if self._kinds.chosen == FIRST else (NEW, EXISTING)
        return [PickOption(each, words[each], self._kinds.barred.get(each, "")) for each in kinds]

    def _sizes(self) -> list[PickOption]:
        sizes = dict.fromkeys(size for _, size in self._choices)
        return [PickOption(size, size) for size in sizes]

    @on(Pick.Changed)
    def _picked(self, event: Pick.Changed) -> None:
        event.stop()
        self._arrange()

    def _arrange(self) -> None:
        when = self.query_one("#expires", Pick).value
        field = self.query_one("#moment", SafeInput)
        self.query_one("#moment-row").display = when != NEVER
        field.placeholder = "2026-12-31, or with the time in UTC" if when == ON else "90"
        said = about_algorithm(self.query_one("#algorithm", Pick).value)
        if when != NEVER:
            said += ". At its end the material is deleted; then only importing it again helps."
        barred = [
            f"{kind.partition('_')[0].lower()}: {why}"
            for kind, why in self._kinds.barred.items()
            if kind == NEW and self._kinds.chosen != FIRST and self._key.spec == SYMMETRIC
        ]
        self.query_one("#about", Static).update(text.literal(". ".join([said, *barred]), "$muted"))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(Done())

    def terms(self, now: datetime) -> Terms:
        """Return what was chosen.

        Args:
            now: The account's time.

        Raises:
            UsageError: The date or the description will not do.
        """
        when = self.query_one("#expires", Pick).value
        expires = expiry(when, self.query_one("#moment", SafeInput).value, now)
        if isinstance(expires, str):
            raise UsageError(expires)
        kind, description = self._kinds.chosen, ""
        if self._key.spec == SYMMETRIC:
            kind = self.query_one("#kind", Pick).value
            description = self.query_one("#description", SafeInput).value.strip()
        if problem := description_problem(description):
            raise UsageError(problem)
        algorithm = self.query_one("#algorithm", Pick).value
        size = self.query_one("#wrapping-key", Pick).value
        if (algorithm, size) not in self._choices:
            raise UsageError(
                f"{algorithm} under {size} cannot wrap {self._key.spec}.",
                hint="Choose a longer wrapping key, or AES+OAEP.",
            )
        return Terms(algorithm, size, kind, expires, description)

    def entry(self) -> Widget:
        """Start at the expiry, the choice that matters most."""
        return self.query_one("#expires", Pick)
