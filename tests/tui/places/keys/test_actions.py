"""Disabling, deleting and keeping keys from the list, one and many."""

from __future__ import annotations

import pytest
from textual.widgets import Button

from kmstui.core.errors import UsageError
from kmstui.tui.app import KmsApp
from kmstui.tui.places.keys.dialogs.bulk import BulkDialog
from kmstui.tui.places.keys.dialogs.deletion import DeletionDialog, InsteadDialog
from kmstui.tui.places.keys.dialogs.keep import EnableNext, KeepDialog
from kmstui.tui.places.keys.dialogs.switch import SwitchDialog
from kmstui.tui.widgets.safe_input import SafeInput
from tests._textual_private import screen_text
from tests.helpers.demo_console import Demo, demo_console, running
from tests.helpers.goldens import assert_golden
from tests.helpers.key_list import key, press, put_cursor, ready, shown, spell

LEDGER, LOGS, ARCHIVE = "prod-ledger-payments", "prod-logs-platform", "prod-archive-platform"
IDLE, OLD = "dev-soaktest-payments", "legacy/fileserver"
GLOBAL = "prod-provisioning-fleet"
SIZES = ((80, 24), (120, 40))
sizes = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")


async def state(app: KmsApp, arn: str) -> str:
    """Ask the engine for a key's state."""
    answer = await app.fetch("DescribeKey", KeyId=arn)
    return str(answer["KeyMetadata"]["KeyState"])


class TestGoldens:
    """What each dialog looks like."""

    @sizes
    async def test_dialogs(self, demo: Demo, size: tuple[int, int]) -> None:
        """Every dialog about one key looks as approved."""
        app = demo_console(demo)
        name = f"{size[0]}x{size[1]}"
        async with running(app, size) as pilot:
            await ready(pilot)
            await put_cursor(pilot, LEDGER)
            await press(pilot, "t")
            assert_golden(app, f"keys/dialog-disable-{name}")
            await press(pilot, "escape", "X")
            assert_golden(app, f"keys/dialog-instead-{name}")
            await press(pilot, "down", "enter")
            await spell(pilot, "prod-led")
            assert_golden(app, f"keys/dialog-delete-{name}")
            await press(pilot, "escape")
            await put_cursor(pilot, ARCHIVE)
            await press(pilot, "K")
            assert_golden(app, f"keys/dialog-keep-{name}")
            await press(pilot, "enter")
            assert_golden(app, f"keys/dialog-kept-{name}")
            await press(pilot, "escape")
            await put_cursor(pilot, OLD)
            await press(pilot, "t")
            assert_golden(app, f"keys/dialog-enable-{name}")

    @sizes
    async def test_many(self, demo: Demo, size: tuple[int, int]) -> None:
        """The dialogs about several keys look as approved."""
        app = demo_console(demo, proven=True)
        name = f"{size[0]}x{size[1]}"
        async with running(app, size) as pilot:
            await ready(pilot)
            await put_cursor(pilot, LEDGER, LOGS, ARCHIVE, IDLE, mark=True)
            await press(pilot, "t")
            assert_golden(app, f"keys/dialog-which-{name}")
            await press(pilot, "escape", "X")
            assert_golden(app, f"keys/dialog-instead-many-{name}")
            await press(pilot, "down", "enter")
            await spell(pilot, "delete 3 keys")
            assert_golden(app, f"keys/dialog-delete-many-{name}")
            await press(pilot, "tab", "tab", "enter")
            assert_golden(app, f"keys/dialog-bulk-{name}")


class TestSwitching:
    """Enable and disable."""

    async def test_disable_and_undo(self, demo: Demo) -> None:
        """`t` and enter disable; `u` takes it back, in the list too."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            await put_cursor(pilot, LEDGER)
            await press(pilot, "t", "enter")
            assert "Disabled" == key(pilot, LEDGER).state
            assert "DisableKey prod-ledger-payments ok" in screen_text(app)
            await press(pilot, "u")
            assert "Enabled" == key(pilot, LEDGER).state

    @pytest.mark.parametrize("answer", ["escape", "left"])
    async def test_doing_nothing(self, demo: Demo, answer: str) -> None:
        """Esc and the other button change nothing."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            await put_cursor(pilot, LEDGER)
            await press(pilot, "t", answer)
            if answer == "left":
                await press(pilot, "enter")
            assert app.screen is app.main
            assert "Enabled" == await state(app, key(pilot, LEDGER).arn)

    async def test_bound_to_the_key(self, demo: Demo) -> None:
        """A cursor that moves under the open dialog does not change what it is about."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            await put_cursor(pilot, LEDGER)
            await press(pilot, "t")
            shown(pilot).table.move_to(key(pilot, LOGS).arn)
            shown(pilot).sort_by("used")
            await press(pilot, "enter")
            assert "Disabled" == await state(app, key(pilot, LEDGER).arn)
            assert "Enabled" == await state(app, key(pilot, LOGS).arn)

    async def test_refused(self, demo: Demo) -> None:
        """A key that changed meanwhile is refused by the engine, and the result line says why."""
        app = demo_console(demo, proven=True)
        async with running(app) as pilot:
            await ready(pilot)
            await put_cursor(pilot, LEDGER)
            await press(pilot, "t")
            await app.fetch("ScheduleKeyDeletion", KeyId=key(pilot, LEDGER).arn)
            await press(pilot, "enter")
            assert "KMSInvalidStateException" in screen_text(app)
            assert "PendingDeletion" == key(pilot, LEDGER).state

    async def test_illegal_says_why(self, demo: Demo) -> None:
        """A command that cannot run on the key says why, and opens nothing."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            await put_cursor(pilot, ARCHIVE)
            await press(pilot, "X")
            assert app.screen is app.main
            assert "already waiting to be deleted; K keeps it" in screen_text(app)

    async def test_many_with_left_out(self, demo: Demo) -> None:
        """Of marked keys one side is switched; the others are named with the reason."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            await put_cursor(pilot, LEDGER, LOGS, ARCHIVE, IDLE, mark=True)
            await press(pilot, "t", "enter")
            text = screen_text(app)
            assert isinstance(app.screen, SwitchDialog)
            assert "is waiting to be deleted: prod-archive-platform" in text
            assert "is disabled already: dev-soaktest-payments" in text
            await press(pilot, "enter")
            assert isinstance(app.screen, BulkDialog)
            assert "2 of 2" in screen_text(app)
            await press(pilot, "enter")
            assert "DisableKey 2 of 2 keys" in screen_text(app)
            assert {"Disabled"} == {key(pilot, each).state for each in (LEDGER, LOGS, IDLE)}
            assert 4 == len(shown(pilot).table.marked)

    async def test_hidden_marks_are_left_out(self, demo: Demo) -> None:
        """A marked row that the filter hides is not touched and is named."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            await put_cursor(pilot, LEDGER, LOGS, mark=True)
            shown(pilot).do_filter("ledger")
            await ready(pilot)
            assert "2 marked, 1 hidden" in screen_text(app)
            await press(pilot, "t")
            assert "the filter hides it: prod-logs-platform" in screen_text(app)
            await press(pilot, "enter")
            assert "Disabled" == key(pilot, LEDGER).state
            assert "Enabled" == key(pilot, LOGS).state

    async def test_all_marks_hidden(self, demo: Demo) -> None:
        """When the filter hides every marked row, nothing is done to the one under the cursor."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            await put_cursor(pilot, LOGS, mark=True)
            shown(pilot).do_filter("ledger")
            await press(pilot, "t")
            assert app.screen is app.main
            assert "Enabled" == key(pilot, LEDGER).state

    async def test_stop(self, demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
        """Esc stops the calls on many after the one being made, and says how far they came."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            await press(pilot, "V")
            one = BulkDialog._one

            async def stop_after_two(dialog: BulkDialog, key: object) -> object:
                done = await one(dialog, key)  # type: ignore[arg-type]  # the key passed through
                if len(dialog.results) == 1:
                    dialog.action_back()
                return done

            monkeypatch.setattr(BulkDialog, "_one", stop_after_two)
            await press(pilot, "t", "enter", "enter")
            assert "2 of 24" in screen_text(app)
            await press(pilot, "escape")
            assert "stopped" in screen_text(app)

    async def test_locked_meanwhile(self, demo: Demo) -> None:
        """Locking while many are being switched ends it; nothing shows over the lock."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            await press(pilot, "V", "t", "enter", "ctrl+l")
            await pilot.pause()
            assert app.locked
            assert "prod-" not in screen_text(app)


class TestDeletion:
    """Scheduling deletion."""

    async def test_disable_instead_comes_first(self, demo: Demo) -> None:
        """Enter, pressed without reading, disables and deletes nothing."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            await put_cursor(pilot, LEDGER)
            await press(pilot, "X")
            assert isinstance(app.screen, InsteadDialog)
            await press(pilot, "enter")
            assert "Disabled" == await state(app, key(pilot, LEDGER).arn)

    async def test_token(self, demo: Demo) -> None:
        """Only the exact alias lets the deletion be scheduled, for the days chosen."""
        app = demo_console(demo, proven=True)
        async with running(app) as pilot:
            await ready(pilot)
            await put_cursor(pilot, LEDGER)
            await press(pilot, "X", "down", "enter")
            assert isinstance(app.screen, DeletionDialog)
            await spell(pilot, "prod-ledger-payment")
            await press(pilot, "enter")
            assert app.screen.query_one("#answer-1", Button).disabled
            await spell(pilot, "x")
            assert "differs at character 20" in screen_text(app)
            await press(pilot, "backspace", "s", *["down"] * 40, "up", "enter", "enter")
            found = key(pilot, LEDGER)
            assert "PendingDeletion" == found.state
            assert 8 == found.pending_days
            assert "ScheduleKeyDeletion prod-ledger-payments ok" in screen_text(app)

    @pytest.mark.parametrize("days", ["6", "31", "", "0"])
    async def test_period_out_of_bounds(self, demo: Demo, days: str) -> None:
        """A waiting period that AWS would refuse cannot be sent."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            await put_cursor(pilot, LEDGER)
            await press(pilot, "X", "down", "enter")
            await spell(pilot, LEDGER)
            app.screen.query_one("#days", SafeInput).value = days
            await ready(pilot)
            assert app.screen.query_one("#answer-1", Button).disabled
            assert "7 to 30 days" in screen_text(app)

    async def test_many(self, demo: Demo) -> None:
        """Many are confirmed by their number, and each result shows."""
        app = demo_console(demo, proven=True)
        async with running(app) as pilot:
            await ready(pilot)
            await put_cursor(pilot, LEDGER, IDLE, ARCHIVE, mark=True)
            await press(pilot, "X")
            assert "1 is already waiting to be deleted: prod-archive" in screen_text(app)
            await press(pilot, "down", "enter")
            await spell(pilot, "delete 2 keys")
            await press(pilot, "enter", "enter")
            assert "2 of 2" in screen_text(app)
            await press(pilot, "enter")
            assert {"PendingDeletion"} == {key(pilot, each).state for each in (LEDGER, IDLE)}

    async def test_results_of_many(self, demo: Demo) -> None:
        """A key that is refused among many is marked with the engine's answer."""
        app = demo_console(demo, proven=True)
        async with running(app) as pilot:
            await ready(pilot)
            await put_cursor(pilot, LEDGER, LOGS, mark=True)
            await press(pilot, "X", "down", "enter")
            await app.fetch("ScheduleKeyDeletion", KeyId=key(pilot, LOGS).arn)
            await spell(pilot, "delete 2 keys")
            await press(pilot, "enter", "enter")
            text = screen_text(app)
            assert "1 refused" in text
            assert "✗" in text
            assert "KMSInvalidStateException" in text

    async def test_primary_with_replicas(self, demo: Demo) -> None:
        """A primary key with replicas waits for them without a date, and can be kept."""
        app = demo_console(demo, proven=True)
        async with running(app) as pilot:
            await ready(pilot)
            arn = key(pilot, GLOBAL).arn
            await app.fetch("ReplicateKey", KeyId=arn, ReplicaRegion="us-west-2")
            await ready(pilot)
            await put_cursor(pilot, GLOBAL)
            await press(pilot, "X", "down", "enter")
            await spell(pilot, GLOBAL)
            await press(pilot, "enter", "enter")
            found = key(pilot, GLOBAL)
            assert ("PendingReplicaDeletion", None) == (found.state, found.deletion_date)
            await press(pilot, "K", "enter", "escape")
            assert "Disabled" == key(pilot, GLOBAL).state

    async def test_alias_that_cannot_be_typed(self, demo: Demo) -> None:
        """For a key with a very long alias the end of its id is asked for."""
        app = demo_console(demo, proven=True)
        async with running(app) as pilot:
            await ready(pilot)
            arn = key(pilot, OLD).arn
            await app.fetch("DeleteAlias", AliasName=f"alias/{OLD}")
            await app.fetch("CreateAlias", AliasName="alias/" + "long" * 20, TargetKeyId=arn)
            await ready(pilot)
            await put_cursor(pilot, "long" * 20)
            await press(pilot, "X", "down", "enter")
            assert isinstance(app.screen, DeletionDialog)
            assert arn[-8:] == app.screen.token

    async def test_masked(self, demo: Demo) -> None:
        """Under the mask no dialog shows a name, and what is typed names none."""
        app = demo_console(demo, proven=True)
        async with running(app) as pilot:
            await ready(pilot)
            await put_cursor(pilot, LEDGER)
            await press(pilot, "f12")
            for keys in (("t",), ("X",), ("X", "down", "enter")):
                await press(pilot, *keys)
                assert "ledger" not in screen_text(app)
                await press(pilot, "escape")
            await press(pilot, "X", "down", "enter")
            await spell(pilot, "delete 1 key")
            await press(pilot, "enter", "enter")
            assert "PendingDeletion" == key(pilot, LEDGER).state


class TestKeeping:
    """Cancelling a deletion."""

    async def test_keep_then_enable(self, demo: Demo) -> None:
        """A kept key is disabled; the next enter on "Enable" makes it work again."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            await put_cursor(pilot, ARCHIVE)
            await press(pilot, "K")
            assert isinstance(app.screen, KeepDialog)
            assert {"Keep this key", "Leave it scheduled"} == _buttons(app)
            await press(pilot, "enter")
            assert isinstance(app.screen, EnableNext)
            assert "Disabled" == key(pilot, ARCHIVE).state
            await press(pilot, "right", "enter")
            assert "Enabled" == key(pilot, ARCHIVE).state

    async def test_leave_disabled(self, demo: Demo) -> None:
        """Esc after keeping leaves the key disabled."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            await put_cursor(pilot, ARCHIVE)
            await press(pilot, "K", "enter", "escape")
            assert "Disabled" == await state(app, key(pilot, ARCHIVE).arn)

    async def test_leave_scheduled(self, demo: Demo) -> None:
        """The other button leaves the deletion as it was."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            await put_cursor(pilot, ARCHIVE)
            await press(pilot, "K", "right", "enter")
            assert "PendingDeletion" == await state(app, key(pilot, ARCHIVE).arn)

    async def test_no_plain_undo(self, demo: Demo) -> None:
        """`u` does not offer to take a cancelled deletion back."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            await put_cursor(pilot, ARCHIVE)
            await press(pilot, "K", "enter", "escape")
            assert "" == app.undo_label


def _buttons(app: KmsApp) -> set[str]:
    return {str(button.label) for button in app.screen.query(Button)}


class TestManyOfMaterial:
    """Commands on key material and tags, on marked keys."""

    NAMES = ("prod-cardvault-payments", "prod-ledger-payments", "prod-tokens-identity")

    async def test_rotated(self, demo: Demo) -> None:
        """Each marked key is rotated, and the ones that cannot be are named beforehand."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            await put_cursor(pilot, *self.NAMES[:2], "prod-exports-analytics", mark=True)
            await press(pilot, "O")
            assert "Rotate 2 keys now?" in screen_text(app)
            assert "it is disabled; t enables it first: prod-exports-analytics" in screen_text(app)
            await press(pilot, "enter")
            assert "2 of 2" in screen_text(app)
            await press(pilot, "escape")
            assert [1, 1] == [key(pilot, name).on_demand for name in self.NAMES[:2]]

    async def test_scheduled_and_off_again(self, demo: Demo) -> None:
        """Marked keys get one period; `off` takes it from those that have one."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            await put_cursor(pilot, *self.NAMES, mark=True)
            await press(pilot, "F", "enter")
            assert "3 of 3" in screen_text(app)
            await press(pilot, "escape")
            assert [365] * 3 == [key(pilot, name).rotation_days for name in self.NAMES]
            app.run_worker(shown(pilot).do_rotation_schedule("off"))
            await ready(pilot)
            assert "3 of 3" in screen_text(app)

    async def test_tagged(self, demo: Demo) -> None:
        """Marked keys get the same tag and keep their others."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            before = [len(key(pilot, name).tags) for name in self.NAMES]
            await put_cursor(pilot, *self.NAMES, mark=True)
            await press(pilot, "T")
            assert "Tags to add to 3 keys" in screen_text(app)
            await spell(pilot, "Audit")
            await press(pilot, "tab")
            await spell(pilot, "2026")
            await press(pilot, "enter", "enter", "enter")
            assert "3 of 3" in screen_text(app)
            await press(pilot, "escape")
            assert [count + 1 for count in before] == [
                len(key(pilot, name).tags) for name in self.NAMES
            ]

    async def test_nothing_fits(self, demo: Demo) -> None:
        """Where no marked key can be rotated, the refusal says where to look."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            await put_cursor(pilot, "prod-exports-analytics", "legacy/fileserver", mark=True)
            with pytest.raises(UsageError, match="None of these keys can be rotated"):
                await shown(pilot).do_rotate_now("")
