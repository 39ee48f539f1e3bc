"""The steps of the wizard about what can be changed later, and its last look."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from kmstui.authz.document import default_key_policy, parse_policy
from kmstui.authz.model import PolicyKind
from kmstui.core.errors import KmsError
from kmstui.core.limits import POLICY_BYTES
from kmstui.tui import text
from kmstui.tui.places.keys.create.creation import EXTERNAL, Draft
from kmstui.tui.places.keys.create.kinds import takes_seconds
from kmstui.tui.places.keys.create.step import Step
from kmstui.tui.places.keys.detail.reading import policy_sentence
from kmstui.tui.text import Content
from kmstui.tui.widgets.alias_field import AliasField
from kmstui.tui.widgets.fact_list import GAP, Fact, FactList, heading
from kmstui.tui.widgets.json_view import JsonView
from kmstui.tui.widgets.pick import Pick, PickOption
from kmstui.tui.widgets.safe_area import SafeTextArea
from kmstui.tui.widgets.safe_input import SafeInput
from kmstui.tui.widgets.tags_editor import TagsEditor

if TYPE_CHECKING:
    from kmstui.tui.launch import Session


class LabelsStep(Step):
    """What the key is called."""

    def compose(self) -> ComposeResult:
        """Lay out alias, description and tags."""
        yield Static(
            text.markup("[b]Labels[/] [$muted]· can be changed at any time[/]"), classes="hint"
        )
        yield Static(text.literal("Alias", "$muted"), classes="field-label")
        yield AliasField(value=self._start)
        yield Static(text.literal("Description", "$muted"), classes="field-label")
        yield SafeInput(compact=True, placeholder="what it is for", id="description")
        yield Static(text.literal("Tags", "$muted"), classes="field-label")
        yield TagsEditor(id="tags")

    @property
    def _field(self) -> AliasField:
        return self.query_one(AliasField)

    @property
    def problem(self) -> Content | None:
        """Return what is wrong with alias or tags."""
        if self._field.problem:
            return text.literal(self._field.problem)
        return self.query_one(TagsEditor).problem

    def learn(self, *, pattern: str, taken: frozenset[str]) -> None:
        """Check the alias by them."""
        self._field.learn(pattern=pattern, taken=taken)

    def fill(self, draft: Draft) -> Draft:
        """Put the labels into the draft."""
        return replace(
            draft,
            alias=self._field.alias,
            description=self.query_one("#description", SafeInput).value,
            tags=self.query_one(TagsEditor).context,
        )

    def entry(self) -> Widget:
        """Start in the alias."""
        return self._field.query_one(SafeInput)

    @on(AliasField.Submitted)
    def _alias_done(self, event: AliasField.Submitted) -> None:
        event.stop()
        self.query_one("#description", SafeInput).focus()

    @on(Input.Submitted, "#description")
    def _description_done(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(TagsEditor).focus_first()

    @on(TagsEditor.Submitted)
    def _tags_done(self, event: TagsEditor.Submitted) -> None:
        event.stop()
        self.post_message(self.Done())


class PolicyStep(Step):
    """Who may use the key."""

    KINDS = (PickOption("default", "Default policy"), PickOption("own", "Your own"))

    def compose(self) -> ComposeResult:
        """Lay out the choice, the default policy and a place for another one."""
        yield Static(
            text.markup("[b]Key policy[/] [$muted]· who may use the key[/]"), classes="hint"
        )
        yield Pick(self.KINDS)
        yield JsonView(id="default-policy")
        yield SafeTextArea(id="own-policy")
        yield Static(id="policy-verdict")

    def on_mount(self) -> None:
        """Start with the default policy."""
        self._account = ""
        self._arrange()

    def enter(self, draft: Draft, session: Session | None) -> None:
        """Write the default policy of the account."""
        del draft
        if session is not None and session.account != self._account:
            self._account = session.account
            self.query_one(JsonView).set_source(default_key_policy(session.account))
        self._arrange()

    @property
    def _own(self) -> bool:
        return self.query_one(Pick).value == "own"

    @property
    def _text(self) -> str:
        return self.query_one(SafeTextArea).text

    @property
    def problem(self) -> Content | None:
        """Return what is wrong with the policy."""
        if not self._own:
            return None
        if not self._text.strip():
            return text.literal("Paste a policy, or choose the default one.")
        try:
            parse_policy(self._text, PolicyKind.KEY)
        except KmsError as error:
            return text.template("$code: $why", code=error.code, why=error.message)
        return None

    def fill(self, draft: Draft) -> Draft:
        """Put the policy into the draft."""
        return replace(draft, policy=self._text if self._own else "")

    def entry(self) -> Widget:
        """Start at the choice."""
        return self.query_one(Pick)

    @on(Pick.Changed)
    def _picked(self, event: Pick.Changed) -> None:
        event.stop()
        self._arrange()
        if self._own:
            self.query_one(SafeTextArea).focus()

    @on(TextArea.Changed)
    def _edited(self, event: TextArea.Changed) -> None:
        event.stop()
        self._judge()

    def _arrange(self) -> None:
        self.query_one(JsonView).display = not self._own
        self.query_one(SafeTextArea).display = self._own
        self._judge()

    def _judge(self) -> None:
        self.query_one("#policy-verdict", Static).update(self._verdict())

    def _verdict(self) -> Content:
        if not self._account:
            return text.literal("")
        policy = self._text if self._own else default_key_policy(self._account)
        if self._own and not policy.strip():
            return text.literal("Paste a policy in JSON.", "$muted")
        if self.problem is not None:
            return text.template("[$danger]✗[/] $what", what=self.problem)
        size = f"{len(policy.encode('utf-8', 'replace')):,} of {POLICY_BYTES:,} bytes"
        return text.template(
            "[$ok]✓[/] $sentence [$muted]$size[/]",
            sentence=policy_sentence(policy, self._account),
            size=size,
        )


class RegionStep(Step):
    """Where the key lives."""

    ONE = PickOption("one", "this Region only")
    MANY = PickOption("many", "multi-Region primary")
    STORED = replace(MANY, reason="keys in a custom key store are of one Region")

    def compose(self) -> ComposeResult:
        """Lay out the Region and the choice."""
        yield Static(
            text.markup("[b]Region[/] [$warn]· immutable[/] [$muted]· where the key lives[/]"),
            classes="hint",
        )
        yield Pick((self.ONE, self.MANY))
        yield Static(id="region")

    def enter(self, draft: Draft, session: Session | None) -> None:
        """Name the Region, and offer what the material allows."""
        pick = self.query_one(Pick)
        many = self.STORED if draft.store else self.MANY
        pick.offer((self.ONE, many))
        region = session.region if session is not None else ""
        said = text.template(
            "It is made in [b]$region[/]. [$muted]:region NAME changes where you work.[/]\n"
            "[$muted]A multi-Region key has an id that begins with mrk- and can be replicated, "
            "with its material, to other Regions, where the copy opens what this one "
            "encrypted. $why[/]",
            region=region,
            why=f"Not here: {many.reason}." if many.reason else "",
        )
        self.query_one("#region", Static).update(said)

    def fill(self, draft: Draft) -> Draft:
        """Put the choice into the draft."""
        many = self.query_one(Pick).value == "many" and not draft.store
        return replace(draft, multi_region=many)

    def entry(self) -> Widget:
        """Start at the choice."""
        return self.query_one(Pick)

    @on(Pick.Changed)
    def _picked(self, event: Pick.Changed) -> None:
        event.stop()


class ReviewStep(Step):
    """Everything once more, and the commands that do the same."""

    def compose(self) -> ComposeResult:
        """Lay out the facts."""
        yield Static(text.markup("[b]Review[/]"), classes="hint")
        yield FactList(id="review")

    def enter(self, draft: Draft, session: Session | None) -> None:
        """Write down what will be made."""
        region = session.region if session is not None else ""
        self.query_one("#review", FactList).facts = tuple(review(draft, region))

    def entry(self) -> Widget:
        """Start at the button that creates the key."""
        return self.screen.query_one("WizardView #create")


def review(draft: Draft, region: str) -> list[Fact]:
    """List what a draft will become."""
    kind = ", multi-Region" if draft.multi_region else " only"
    policy = (
        f"your own, {len(draft.policy.encode('utf-8', 'replace')):,} bytes"
        if draft.policy
        else "default"
    )
    facts = [
        _marked("Usage", draft.usage),
        _marked("Spec", draft.spec),
        _marked("Material", f"{draft.origin}{f', in {draft.store}' if draft.store else ''}"),
        _marked("Region", f"{region}{kind}"),
        GAP,
        Fact("Alias", _or_none(draft.alias)),
        Fact("Description", _or_none(draft.description)),
    ]
    for index, (tag, value) in enumerate(sorted(draft.tags.items())):
        pair = text.template("$tag [$muted]=[/] $value", tag=tag, value=value)
        facts.append(Fact("" if index else "Tags", pair))
    facts += [Fact("Policy", text.literal(policy)), *_then(draft), GAP]
    facts += [heading("The same with the AWS CLI")]
    facts += [Fact("", text.literal(line, "$muted")) for line in draft.commands(region)]
    return facts


def _then(draft: Draft) -> list[Fact]:
    """Say what follows once the key is made."""
    if draft.origin == EXTERNAL:
        said = "It waits, pending import, until you bring its material in."
        return [Fact("Then", text.literal(said, "$warn"))]
    if takes_seconds(draft.spec):
        said = "Making it takes a moment: primes have to be found."
        return [Fact("Then", text.literal(said, "$muted"))]
    return []


def _or_none(value: str) -> Content:
    return text.literal(value) if value else text.literal("none", "$muted")


def _marked(label: str, value: str) -> Fact:
    return Fact(label, text.template("$value [$warn]· immutable[/]", value=value))
