"""Key stores in Settings: what is said of them, and what their deeds do to a real keystore."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from kmstui.core.errors import AccessDeniedException
from kmstui.tui.echo import aws_command
from kmstui.tui.place import Route
from kmstui.tui.places.keys.roster import roster_of
from kmstui.tui.places.settings.stores import checks
from kmstui.tui.places.settings.stores.model import StoreRow
from tests._textual_private import screen_text
from tests.helpers.demo_console import Demo, demo_console, hit, open_key, running
from tests.helpers.engines import Bench
from tests.helpers.goldens import assert_golden
from tests.helpers.links import open_line, targets, until_ready
from tests.helpers.stores import (
    OTHER_PASSWORD,
    PASSWORD,
    cloud,
    cloud_key,
    connection,
    external,
    external_key,
    manager,
)
from tests.tui.places.settings.test_settings import GROUPS, bench_console, fill, show, sizes

SECTION = "stores"


async def choose(pilot: Pilot[None], words: str) -> None:
    """Choose a line of the list that the dialog shows."""
    options = pilot.app.screen.query_one("#choices", OptionList)
    found = [
        index
        for index in range(options.option_count)
        if words in str(options.get_option_at_index(index).prompt)
    ]
    assert len(found) == 1, words
    assert not options.get_option_at_index(found[0]).disabled, words
    options.highlighted = found[0]
    await hit(pilot, "enter")
    await until_ready(pilot, *GROUPS, "commands")


async def submit(pilot: Pilot[None], **fields: str) -> None:
    """Fill the fields of the form shown and send it."""
    for name, typed in fields.items():
        await fill(pilot, f"#{name}", typed)
    pilot.app.screen.query_one(f"#{list(fields)[-1]}").focus()
    await hit(pilot, "enter")
    await until_ready(pilot, *GROUPS, "commands")


async def open_deeds(pilot: Pilot[None], store: str) -> None:
    """Show the deeds of a key store."""
    await show(pilot, SECTION)
    await open_line(pilot, "#deeds", f"store-open {store}")
    await until_ready(pilot, *GROUPS)


async def command(pilot: Pilot[None], typed: str) -> None:
    """Carry out a verb."""
    await hit(pilot, "colon")
    for character in typed:
        await pilot.press({" ": "space", "-": "minus"}.get(character, character))
    await hit(pilot, "enter")
    await until_ready(pilot, *GROUPS, "commands")


class TestGoldens:
    """What the section and its dialogs look like."""

    @sizes
    async def test_section(self, demo: Demo, size: tuple[int, int]) -> None:
        """Key stores of both types, connected or not, with what brings keys back."""
        app = demo_console(demo, start="settings")
        async with running(app, size) as pilot:
            await show(pilot, SECTION)
            assert_golden(app, f"settings/stores-{size[0]}x{size[1]}")

    @sizes
    async def test_nothing_yet(self, bench: Bench, size: tuple[int, int]) -> None:
        """Without a key store it says what one is for."""
        app = bench_console(bench)
        async with running(app, size) as pilot:
            await show(pilot, SECTION)
            assert_golden(app, f"settings/stores-none-{size[0]}x{size[1]}")

    @sizes
    async def test_every_trouble(self, bench: Bench, size: tuple[int, int]) -> None:
        """What failed says its code and what to do; what is missing or switched off says so."""
        one, cluster_id = cloud(bench, "cellar", connected=False)
        bench.call("kmstui:UpdateCluster", ClusterId=cluster_id, HsmCount=0)
        bench.call("ConnectCustomKeyStore", CustomKeyStoreId=one)
        two = external(bench, "outside")
        external_key(bench, two)
        bench.call("kmstui:UpdateKeyManager", Name="vault", Condition="OFFLINE")
        three, gone = cloud(bench, "attic", connected=False)
        (bench.directory / "clusters" / f"{gone}.token").unlink()
        bench.call("kmstui:CreateCluster", Password=PASSWORD)
        manager(bench, "spare")
        app = bench_console(bench)
        async with running(app, size) as pilot:
            await show(pilot, SECTION)
            assert_golden(app, f"settings/stores-trouble-{size[0]}x{size[1]}")
            assert {f"store-open {each}" for each in (one, two, three)} < set(
                targets(pilot, "#deeds")
            )

    @sizes
    @pytest.mark.parametrize("name", ["customer-manager", "vault-cluster"])
    async def test_deeds(self, demo: Demo, size: tuple[int, int], name: str) -> None:
        """The deeds of each type, with reasons for those that are not possible now."""
        app = demo_console(demo, start="settings")
        async with running(app, size) as pilot:
            await command(pilot, f"keystores {name}")
            assert_golden(app, f"settings/stores-deeds-{name}-{size[0]}x{size[1]}")

    @sizes
    @pytest.mark.parametrize("kind", ["cloud", "external"])
    async def test_forms(self, demo: Demo, size: tuple[int, int], kind: str) -> None:
        """What a new key store asks for."""
        app = demo_console(demo, start="settings")
        async with running(app, size) as pilot:
            await show(pilot, SECTION)
            await open_line(pilot, "#deeds", f"store-{kind}")
            await until_ready(pilot, *GROUPS)
            await fill(pilot, "#name", "harbour")
            assert_golden(app, f"settings/stores-new-{kind}-{size[0]}x{size[1]}")

    async def test_an_unavailable_key_says_what_to_do(self, demo: Demo) -> None:
        """Its page names the key store and the way out."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await open_key(pilot, "prod-residency-identity")
            await until_ready(pilot, *GROUPS)
            assert_golden(app, "settings/stores-unavailable-key-120x40")


class TestCreating:
    """Setting key stores up."""

    async def test_a_key_store_over_a_new_cluster(self, bench: Bench) -> None:
        """Name and password make cluster and key store; what follows is connecting it."""
        app = bench_console(bench)
        async with running(app) as pilot:
            await show(pilot, SECTION)
            await open_line(pilot, "#deeds", "store-cloud")
            await submit(pilot, name="", password="short")
            assert "Give it a name." in screen_text(app)
            await submit(pilot, name="cellar", password="short")
            assert "7 to 32 characters" in screen_text(app)
            await submit(pilot, name="cellar", password=PASSWORD)
            await choose(pilot, "Connect")
            (store,) = bench.call("DescribeCustomKeyStores")["CustomKeyStores"]
            assert (store["ConnectionState"], store["CustomKeyStoreName"]) == (
                "CONNECTED",
                "cellar",
            )
            assert "CONNECTED" in screen_text(app)
            assert PASSWORD not in str([each.command for each in app.caller.outcomes])

    async def test_a_key_store_over_a_spare_cluster(self, bench: Bench) -> None:
        """A cluster that is there is offered beside a new one, unless it is not active."""
        one = bench.call("kmstui:CreateCluster", Password=PASSWORD)["ClusterId"]
        off = bench.call("kmstui:CreateCluster", Password=PASSWORD)["ClusterId"]
        bench.call("kmstui:UpdateCluster", ClusterId=off, State="DETACHED")
        app = bench_console(bench)
        async with running(app) as pilot:
            await show(pilot, SECTION)
            await open_line(pilot, "#deeds", "store-cloud")
            await until_ready(pilot, *GROUPS)
            assert "it is not active" in screen_text(app)
            await choose(pilot, one)
            await submit(pilot, name="cellar", password=PASSWORD)
            await hit(pilot, "escape")
            (store,) = bench.call("DescribeCustomKeyStores")["CustomKeyStores"]
            assert (store["CloudHsmClusterId"], store["ConnectionState"]) == (
                one,
                "DISCONNECTED",
            )

    async def test_a_key_store_over_a_new_key_manager(self, bench: Bench) -> None:
        """Three names make key manager, external key and key store; no credential is shown."""
        app = bench_console(bench)
        async with running(app) as pilot:
            await show(pilot, SECTION)
            await open_line(pilot, "#deeds", "store-external")
            await submit(pilot, name="outside", manager="No Host", key="k1")
            assert "A host's name" in screen_text(app)
            await submit(pilot, name="outside", manager="vault", key="k1")
            await choose(pilot, "Connect")
            (store,) = bench.call("DescribeCustomKeyStores")["CustomKeyStores"]
            assert store["ConnectionState"] == "CONNECTED"
            assert external_key(bench, store["CustomKeyStoreId"])
            found = bench.core.devices.managers.find("vault")
            assert found is not None
            shown = str([each.command for each in app.caller.outcomes]) + screen_text(app)
            assert found.credential.secret.reveal().decode() not in shown
            assert found.credential.access_key_id not in shown

    async def test_a_key_store_over_a_spare_key_manager(self, bench: Bench) -> None:
        """It takes the credential that the key manager gave out."""
        made = manager(bench, "vault", "k1")
        app = bench_console(bench)
        async with running(app) as pilot:
            await show(pilot, SECTION)
            await open_line(pilot, "#deeds", "store-external")
            await until_ready(pilot, *GROUPS)
            await choose(pilot, "vault")
            await submit(pilot, name="outside", access="abc", secret=made["RawSecretAccessKey"])
            assert "20 to 30" in screen_text(app)
            await submit(pilot, name="outside", access=made["AccessKeyId"], secret="A" * 43)
            assert "XksProxyIncorrectAuthenticationCredential" in screen_text(app)
            await open_line(pilot, "#deeds", "store-external")
            await until_ready(pilot, *GROUPS)
            await choose(pilot, "vault")
            secret = made["RawSecretAccessKey"]
            await submit(pilot, name="outside", access=made["AccessKeyId"], secret=secret)
            await hit(pilot, "escape")
            assert bench.call("DescribeCustomKeyStores")["CustomKeyStores"]


class TestDeeds:
    """What can be done with a key store."""

    async def test_connecting_and_disconnecting_by_verb(self, bench: Bench) -> None:
        """The list of keys follows; a name that is unknown is answered with those there are."""
        store, _ = cloud(bench)
        key = cloud_key(bench, store, "alias/it")
        app = bench_console(bench)
        async with running(app) as pilot:
            await app.go(Route("keys"))
            await until_ready(pilot, "keys", "first-page", "roster")
            await command(pilot, "disconnect-store cellar")
            assert connection(bench, store) == ("DISCONNECTED", "")
            await until_ready(pilot, "keys", "first-page", "roster")
            states = {row.key_id: row.state for row in roster_of(app).keys}
            assert states == {key: "Unavailable"}
            await command(pilot, "connect-store cellar")
            assert connection(bench, store) == ("CONNECTED", "")
            await until_ready(pilot, "keys", "first-page", "roster")
            assert {row.state for row in roster_of(app).keys} == {"Enabled"}
            await command(pilot, "connect-store nothing")
            assert "There is no key store nothing" in screen_text(app)

    async def test_a_connection_that_fails_says_why_and_what_to_do(self, bench: Bench) -> None:
        """The result line has AWS's code and the advice."""
        store, cluster_id = cloud(bench, connected=False)
        bench.call("kmstui:UpdateCluster", ClusterId=cluster_id, State="DETACHED")
        app = bench_console(bench)
        async with running(app) as pilot:
            await open_deeds(pilot, store)
            await choose(pilot, "Connect")
            assert "CLUSTER_NOT_FOUND" in screen_text(app)
            assert "Plug the cluster in again" in screen_text(app)
            await open_deeds(pilot, store)
            assert "disconnect it first: it is FAILED" in screen_text(app)
            await choose(pilot, "Unplug or plug in")
            await open_deeds(pilot, store)
            await choose(pilot, "Disconnect")
            await open_deeds(pilot, store)
            await choose(pilot, "Connect")
            assert connection(bench, store) == ("CONNECTED", "")

    async def test_a_new_password_is_set_there_and_told_here(self, bench: Bench) -> None:
        """Changed in the cluster, told to the disconnected key store, which then connects."""
        store, _ = cloud(bench, connected=False)
        app = bench_console(bench)
        async with running(app) as pilot:
            await open_deeds(pilot, store)
            await choose(pilot, "Change the password…")
            await submit(pilot, old=PASSWORD, new=OTHER_PASSWORD)
            await open_deeds(pilot, store)
            await choose(pilot, "Tell it the password…")
            await submit(pilot, password=OTHER_PASSWORD)
            await open_deeds(pilot, store)
            await choose(pilot, "Connect")
            assert connection(bench, store) == ("CONNECTED", "")
            shown = str([each.command for each in app.caller.outcomes])
            assert PASSWORD not in shown
            assert OTHER_PASSWORD not in shown

    async def test_the_cluster_changes(self, bench: Bench) -> None:
        """HSMs are counted, kmsuser is made ready."""
        store, cluster_id = cloud(bench, connected=False)
        bench.call("kmstui:UpdateCluster", ClusterId=cluster_id, CryptoUser="LOCKED_OUT")
        app = bench_console(bench)
        async with running(app) as pilot:
            await open_deeds(pilot, store)
            await choose(pilot, "HSMs…")
            await fill(pilot, "#answer", "29")
            assert "A number, 0 to 28." in screen_text(app)
            await submit(pilot, answer="3")
            await open_deeds(pilot, store)
            await choose(pilot, "Ready kmsuser")
            (found,) = bench.call("kmstui:ListClusters")["Clusters"]
            assert (found["HsmCount"], found["CryptoUser"]) == (3, "READY")

    async def test_the_key_manager_changes(self, bench: Bench) -> None:
        """Off line and on, one more key, one switched off, and a renewed credential."""
        store = external(bench)
        key = external_key(bench, store)
        app = bench_console(bench)
        async with running(app) as pilot:
            await open_deeds(pilot, store)
            await choose(pilot, "Off or on line")
            assert bench.refusal("Encrypt", KeyId=key, Plaintext=b"x").code
            assert "until the key manager is on line" in screen_text(app)
            await open_deeds(pilot, store)
            assert "the key manager is not on line" in screen_text(app)
            await choose(pilot, "Off or on line")
            await open_deeds(pilot, store)
            await choose(pilot, "Add an external key…")
            await submit(pilot, answer="k3")
            await open_deeds(pilot, store)
            await choose(pilot, "Switch a key…")
            await choose(pilot, "k2")
            await open_deeds(pilot, store)
            await choose(pilot, "Renew the credential")
            assert bench.call("Encrypt", KeyId=key, Plaintext=b"x")
            (found,) = bench.call("kmstui:ListKeyManagers")["KeyManagers"]
            assert [(each["XksKeyId"], each["Enabled"]) for each in found["Keys"]] == [
                ("k1", True),
                ("k2", False),
                ("k3", True),
            ]

    async def test_renaming_and_deleting(self, bench: Bench) -> None:
        """A new name shows at once; deleting takes the end of the id, then the spare device."""
        store, cluster_id = cloud(bench, connected=False)
        app = bench_console(bench)
        async with running(app) as pilot:
            await open_deeds(pilot, store)
            await choose(pilot, "Rename…")
            await submit(pilot, answer="attic")
            assert "attic" in screen_text(app)
            await open_deeds(pilot, store)
            await choose(pilot, "Delete…")
            await fill(pilot, "#token", store[-8:])
            app.screen.query_one("#answer-1").focus()
            await hit(pilot, "enter")
            await until_ready(pilot, *GROUPS, "commands")
            assert bench.call("DescribeCustomKeyStores")["CustomKeyStores"] == []
            assert "1 cluster without a key store" in screen_text(app)
            await open_line(pilot, "#deeds", "store-devices")
            await until_ready(pilot, *GROUPS)
            await choose(pilot, cluster_id)
            await fill(pilot, "#token", cluster_id)
            app.screen.query_one("#answer-1").focus()
            await hit(pilot, "enter")
            await until_ready(pilot, *GROUPS, "commands")
            assert bench.call("kmstui:ListClusters")["Clusters"] == []
            await open_line(pilot, "#deeds", "store-devices")
            await until_ready(pilot, *GROUPS, "commands")
            assert "has its key store" in screen_text(app)

    async def test_names_of_stores_are_hostile(self, bench: Bench) -> None:
        """Markup, escapes and endless names are shown as what they are."""
        made = bench.call("kmstui:CreateCluster", Password=PASSWORD)
        name = "[red]\x1b[31m\u202e" + "n" * 200
        bench.call(
            "CreateCustomKeyStore",
            CustomKeyStoreName=name,
            CloudHsmClusterId=made["ClusterId"],
            TrustAnchorCertificate=made["TrustAnchorCertificate"],
            KeyStorePassword=PASSWORD,
        )
        (store,) = bench.call("DescribeCustomKeyStores")["CustomKeyStores"]
        app = bench_console(bench)
        async with running(app, (80, 24)) as pilot:
            await open_deeds(pilot, store["CustomKeyStoreId"])
            assert "[red]" in screen_text(app)
            assert "\x1b[31m" not in screen_text(app)
            await choose(pilot, "Delete…")
            assert "[red]" in screen_text(app)

    async def test_who_may_not_see_them_is_told(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The section says that it was refused and by what; the rest of Settings is there."""
        app = bench_console(bench)
        fetch = app.fetch

        async def refusing(operation: str, /, **members: object) -> dict[str, Any]:
            if operation == "kmstui:ListKeyStoreSummaries":
                raise AccessDeniedException("root is not authorized to perform it")
            return await fetch(operation, **members)

        monkeypatch.setattr(app, "fetch", refusing)
        async with running(app) as pilot:
            await show(pilot, SECTION)
            assert "root is not authorized to perform it" in screen_text(app)
            assert targets(pilot, "#deeds") == []
            await show(pilot, "clock")
            assert "Account time" in screen_text(app)


def test_what_is_typed_is_judged() -> None:
    """Each check lets the good ones through and says what is wrong with the others."""
    for check, good, bad in (
        (checks.store_name_problem, "a", " "),
        (checks.password_problem, "1234567", "123456"),
        (checks.password_problem, "p" * 32, "p" * 33),
        (checks.manager_problem, "a-b", "a-"),
        (checks.external_key_problem, "A.b_c-1", "a b"),
        (checks.access_key_problem, "A" * 20, "A" * 19),
        (checks.secret_problem, "a/+=" * 11, "a" * 65),
        (checks.hsms_problem, "0", "-1"),
    ):
        assert check(good) is None
        assert check(bad)


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"connection": "FAILED", "error": "USER_LOCKED_OUT"}, "kmsuser"),
        ({"connection": "FAILED", "error": "INTERNAL_ERROR"}, "doctor"),
        ({"connection": "DISCONNECTED", "keys": 1}, "unavailable"),
        ({"connection": "DISCONNECTED"}, ""),
        ({"connection": "CONNECTED", "cluster_state": "ACTIVE"}, ""),
        ({"connection": "CONNECTED", "cluster_state": "DETACHED"}, "cluster answers"),
        ({"connection": "CONNECTED", "kind": "EXTERNAL_KEY_STORE"}, "on line"),
    ],
    ids=str,
)
def test_advice_is_given_where_something_is_wrong(members: dict[str, object], says: str) -> None:
    """A key store that serves its keys needs none."""
    facts: dict[str, object] = {"kind": "AWS_CLOUDHSM", **members}
    row = StoreRow(identity="cks-1", name="n", **facts)  # type: ignore[arg-type]
    assert (says in row.advice) if says else not row.advice


def test_the_echo_elides_what_is_secret() -> None:
    """Neither passwords nor credentials are in the command to copy."""
    credential = {"AccessKeyId": "A" * 20, "RawSecretAccessKey": "canary" * 8}
    line = aws_command(
        "UpdateCustomKeyStore",
        {"KeyStorePassword": "canary", "XksProxyAuthenticationCredential": credential},
    )
    own = aws_command("kmstui:UpdateCluster", {"Password": "canary", "NewPassword": "canary"})
    assert "canary" not in line + own
