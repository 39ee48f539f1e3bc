"""``kmstui material``, and an import from beginning to end on the command line."""

from __future__ import annotations

import base64
import json
import stat
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from tests.helpers.program import Outcome, Vault, run

MATERIAL = bytes(range(100, 132))
FOR_EVER = ("--expiration-model", "KEY_MATERIAL_DOES_NOT_EXPIRE")


@dataclass(frozen=True, slots=True)
class Desk:
    """A directory with a wrapping key whose private half the test has.

    Attributes:
        base: The directory.
        private: The private half.
    """

    base: Path
    private: rsa.RSAPrivateKey

    def file(self, name: str, data: bytes) -> str:
        """Write a file; return its path."""
        (self.base / name).write_bytes(data)
        return str(self.base / name)

    def public(self, encoding: serialization.Encoding) -> bytes:
        """Return the public half."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self.private.public_key().public_bytes(encoding, form)

    @property
    def parameters(self) -> str:
        """A file with an answer of GetParametersForImport."""
        answer = {
            "KeyId": "arn:aws:kms:us-east-1:111122223333:key/k",
            "ImportToken": base64.b64encode(b"token").decode(),
            "PublicKey": base64.b64encode(self.public(serialization.Encoding.DER)).decode(),
            "ParametersValidTo": "2026-06-02T12:00:00Z",
        }
        return self.file("parameters.json", json.dumps(answer).encode())

    def wrap(self, *options: str, stdin: bytes = b"") -> Outcome:
        """Run ``kmstui material wrap``."""
        return run("material", "wrap", *options, stdin=stdin)

    def opened(self, name: str = "wrapped") -> bytes:
        """Return what was wrapped in one step into a file."""
        known = hashes.SHA256()
        oaep = padding.OAEP(mgf=padding.MGF1(known), algorithm=known, label=None)
        return self.private.decrypt((self.base / name).read_bytes(), oaep)


@pytest.fixture(scope="module")
def private() -> rsa.RSAPrivateKey:
    """Return a wrapping key."""
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def desk(tmp_path: Path, private: rsa.RSAPrivateKey) -> Desk:
    """Return a directory to work in."""
    return Desk(tmp_path, private)


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("raw", MATERIAL),
        ("hex", MATERIAL.hex().encode() + b"\n"),
        ("hex", MATERIAL.hex(" ").upper().encode()),
        ("base64", base64.b64encode(MATERIAL) + b"\n"),
        ("base64", base64.encodebytes(MATERIAL)),
    ],
)
@pytest.mark.parametrize("stdin", [False, True])
def test_material_is_read_in_every_form(
    desk: Desk, form: str, written: bytes, *, stdin: bool
) -> None:
    """From a file or from standard input; what is wrapped is the same."""
    source = "-" if stdin else desk.file("material", written)
    out = str(desk.base / "wrapped")
    options = ("--parameters", desk.parameters, "--format", form, "--out", out)
    done = desk.wrap("--material", source, *options, stdin=written if stdin else b"")
    assert (done.code, done.err) == (0, "")
    assert desk.opened() == MATERIAL
    assert stat.S_IMODE(Path(out).stat().st_mode) == 0o600


@pytest.mark.parametrize("encoding", ["DER", "PEM"])
def test_a_public_key_may_come_alone(desk: Desk, encoding: str) -> None:
    """In DER or PEM, as the console and OpenSSL write it."""
    public = desk.file("public", desk.public(getattr(serialization.Encoding, encoding)))
    source, out = desk.file("material", MATERIAL), str(desk.base / "wrapped")
    done = desk.wrap("--material", source, "--parameters", public, "--out", out)
    assert done.code == 0, done.err
    assert desk.opened() == MATERIAL


def test_a_request_is_written_for_call(desk: Desk) -> None:
    """It has the key, the token and the wrapped material, and nobody else may read it."""
    source, out = desk.file("material", MATERIAL), str(desk.base / "request")
    done = desk.wrap("--material", source, "--parameters", desk.parameters, "--request", out)
    assert done.code == 0, done.err
    request = json.loads(Path(out).read_bytes())
    assert set(request) == {"KeyId", "ImportToken", "EncryptedKeyMaterial"}
    assert request["ImportToken"] == base64.b64encode(b"token").decode()
    assert stat.S_IMODE(Path(out).stat().st_mode) == 0o600


def test_nothing_shows_the_material(desk: Desk) -> None:
    """Neither when it is wrapped nor when it is refused."""
    secret = b"secret-secret-secret-secret-secr"
    source, out = desk.file("material", secret), str(desk.base / "wrapped")
    done = desk.wrap("--material", source, "--parameters", desk.parameters, "--out", out)
    refused = desk.wrap(
        "--material",
        source,
        "--parameters",
        desk.parameters,
        "--out",
        f"{out}2",
        "--format",
        "hex",
    )
    assert (done.code, refused.code) == (0, 2)
    for text in (done.out, done.err, refused.out, refused.err):
        assert b"secret-secret" not in text.encode()
        assert secret.hex() not in text


def test_bad_input_is_named(desk: Desk) -> None:
    """Each mistake has its own sentence and exit code 2, and nothing is written."""
    good, out = desk.file("material", MATERIAL), str(desk.base / "wrapped")
    nothing = desk.file("nothing", b"")
    elsewhere = ec.generate_private_key(ec.SECP256R1()).public_key()
    other = elsewhere.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    parameters = desk.parameters
    public = desk.file("public", desk.public(serialization.Encoding.DER))
    known: list[tuple[dict[str, str], str]] = [
        ({"--material": nothing}, "is empty"),
        ({"--material": str(desk.base / "gone")}, "cannot be read"),
        ({"--material": desk.file("long", bytes(1 << 17))}, "is longer than"),
        ({"--material": desk.file("short", bytes(31))}, "of the wrong size"),
        ({"--format": "hex"}, "not hex"),
        ({"--format": "base64"}, "not base64"),
        ({"--key-spec": "RSA_2048"}, "not an unencrypted private key"),
        ({"--key-spec": "ML_DSA_44"}, "has no imported key material"),
        ({"--key-spec": "nonsense"}, "has no imported key material"),
        ({"--parameters": desk.file("p1", b"{}")}, "has no PublicKey"),
        ({"--parameters": desk.file("p2", b"{")}, "p2"),
        ({"--parameters": desk.file("p3", b'{"PublicKey":"!"}')}, "is not base64"),
        ({"--parameters": desk.file("p4", b"nonsense")}, "public key is none"),
        ({"--parameters": desk.file("p5", other)}, "cannot wrap"),
        (
            {
                "--parameters": desk.file(
                    "p6", b"-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----\n"
                )
            },
            "not sound PEM",
        ),
        ({"--algorithm": "RSAES_PKCS1_V1_5"}, "cannot wrap"),
        ({"--out": good}, "is there already"),
        ({"--out": str(desk.base / "no" / "such")}, "cannot be"),
        ({"--parameters": public, "--request": str(desk.base / "request")}, "needs the import"),
    ]
    for change, text in known:
        options = {"--material": good, "--parameters": parameters, "--out": out} | change
        refused = desk.wrap(*(part for option in options.items() for part in option))
        assert (refused.code, refused.out) == (2, ""), change
        assert text in refused.err, (change, refused.err)
        assert not Path(out).exists()
    neither = desk.wrap("--material", good, "--parameters", parameters)
    assert (neither.code, "nothing to write" in neither.err) == (2, True)


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ((), 32),
        (("--key-spec", "HMAC_384"), 48),
        (("--key-spec", "HMAC_384", "--bytes", "128"), 128),
    ],
)
def test_fresh_material_is_random_and_ones_own(
    desk: Desk, options: tuple[str, ...], size: int
) -> None:
    """Two runs differ, the files are private, and only their names and sizes are printed."""
    made = []
    for name in ("one", "two"):
        done = run("material", "generate", str(desk.base / name), *options)
        assert done.code == 0, done.err
        data = (desk.base / name).read_bytes()
        assert len(data) == size
        assert stat.S_IMODE((desk.base / name).stat().st_mode) == 0o600
        assert data.hex() not in done.out
        made.append(data)
    assert made[0] != made[1]
    again = run("material", "generate", str(desk.base / "one"), *options)
    assert (again.code, "is there already" in again.err) == (2, True)


@pytest.mark.parametrize(
    "options", [("--bytes", "31"), ("--key-spec", "RSA_2048", "--bytes", "9")]
)
def test_material_of_another_size_is_not_made(desk: Desk, options: tuple[str, ...]) -> None:
    """What could not be imported is not written."""
    refused = run("material", "generate", str(desk.base / "out"), *options)
    assert (refused.code, refused.out) == (2, "")
    assert not (desk.base / "out").exists()


def _import(vault: Vault, base: Path, key: str, spec: str, *more: str) -> None:
    """Ask for parameters, wrap what is in ``base/material``, and import it."""
    algorithm = "RSA_AES_KEY_WRAP_SHA_256" if spec.startswith("ECC") else "RSAES_OAEP_SHA_256"
    parameters = vault.call(
        "GetParametersForImport",
        *("--key-id", key, "--wrapping-algorithm", algorithm, "--wrapping-key-spec", "RSA_2048"),
    )
    (base / "parameters.json").write_text(json.dumps(parameters))
    request = base / "request.json"
    request.unlink(missing_ok=True)
    wrapped = run(
        *("material", "wrap", "--key-spec", spec, "--material", str(base / "material")),
        *("--parameters", str(base / "parameters.json"), "--request", str(request)),
    )
    assert wrapped.code == 0, wrapped.err
    vault.call("ImportKeyMaterial", "--json", str(request), *FOR_EVER, *more)


def test_a_whole_import_on_the_command_line(vault: Vault, tmp_path: Path) -> None:
    """Create, import, encrypt, delete, be refused, import again, decrypt."""
    assert run("material", "generate", str(tmp_path / "material")).code == 0
    created = vault.call("CreateKey", "--origin", "EXTERNAL")["KeyMetadata"]
    key = created["KeyId"]
    assert created["KeyState"] == "PendingImport"
    _import(vault, tmp_path, key, "SYMMETRIC_DEFAULT", "--key-material-description", "by hand")
    blob = vault.call("Encrypt", "--key-id", key, "--plaintext", "text:hello")["CiphertextBlob"]
    vault.call("DeleteImportedKeyMaterial", "--key-id", key)
    refused = run(*vault.options, "call", "Decrypt", "--ciphertext-blob", blob)
    assert (refused.code, "is pending import" in refused.err) == (1, True)
    _import(vault, tmp_path, key, "SYMMETRIC_DEFAULT")
    answer = vault.call("Decrypt", "--ciphertext-blob", blob)
    assert base64.b64decode(answer["Plaintext"]) == b"hello"


def test_blobs_of_an_import_come_from_files(vault: Vault, tmp_path: Path) -> None:
    """Token and wrapped material may each be a file of its own."""
    (tmp_path / "material").write_bytes(MATERIAL)
    key = vault.call("CreateKey", "--origin", "EXTERNAL")["KeyMetadata"]["KeyId"]
    parameters = vault.call(
        "GetParametersForImport",
        *("--key-id", key, "--wrapping-algorithm", "RSAES_OAEP_SHA_256"),
        *("--wrapping-key-spec", "RSA_2048"),
    )
    for name in ("PublicKey", "ImportToken"):
        (tmp_path / name).write_bytes(base64.b64decode(parameters[name]))
    run(
        *("material", "wrap", "--material", str(tmp_path / "material")),
        *("--parameters", str(tmp_path / "PublicKey"), "--out", str(tmp_path / "wrapped")),
    )
    answer = vault.call(
        "ImportKeyMaterial",
        *("--key-id", key, "--import-token", f"fileb://{tmp_path / 'ImportToken'}"),
        *("--encrypted-key-material", f"fileb://{tmp_path / 'wrapped'}", *FOR_EVER),
    )
    assert len(answer["KeyMaterialId"]) == 64


def test_an_imported_mac_key_gives_the_same_macs_as_outside(vault: Vault, tmp_path: Path) -> None:
    """A MAC is a plain standard object: whoever has the bytes can compute and check it."""
    (tmp_path / "material").write_bytes(MATERIAL)
    options = ("--key-spec", "HMAC_256", "--key-usage", "GENERATE_VERIFY_MAC")
    key = vault.call("CreateKey", "--origin", "EXTERNAL", *options)["KeyMetadata"]["KeyId"]
    _import(vault, tmp_path, key, "HMAC_256")
    named = ("--key-id", key, "--mac-algorithm", "HMAC_SHA_256", "--message", "text:hello")
    outside = hmac.HMAC(MATERIAL, hashes.SHA256())
    outside.update(b"hello")
    expected = outside.finalize()
    assert expected == base64.b64decode(vault.call("GenerateMac", *named)["Mac"])
    mac = base64.b64encode(expected).decode()
    assert vault.call("VerifyMac", *named, "--mac", mac)["MacValid"] is True


@pytest.mark.parametrize("form", ["PKCS8", "TraditionalOpenSSL"])
def test_an_imported_key_pair_signs_as_it_does_outside(
    vault: Vault, tmp_path: Path, form: str
) -> None:
    """Signatures verify with the public key that was there before, and the other way round."""
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        getattr(serialization.PrivateFormat, form),
        serialization.NoEncryption(),
    )
    (tmp_path / "material").write_bytes(pem)
    options = ("--key-spec", "ECC_NIST_P256", "--key-usage", "SIGN_VERIFY")
    key = vault.call("CreateKey", "--origin", "EXTERNAL", *options)["KeyMetadata"]["KeyId"]
    _import(vault, tmp_path, key, "ECC_NIST_P256")
    named = ("--key-id", key, "--signing-algorithm", "ECDSA_SHA_256", "--message", "text:hello")
    signature = base64.b64decode(vault.call("Sign", *named)["Signature"])
    private.public_key().verify(signature, b"hello", ec.ECDSA(hashes.SHA256()))
    outside = base64.b64encode(private.sign(b"hello", ec.ECDSA(hashes.SHA256()))).decode()
    assert vault.call("Verify", *named, "--signature", outside)["SignatureValid"] is True
    public = base64.b64decode(vault.call("GetPublicKey", "--key-id", key)["PublicKey"])
    assert public == private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
