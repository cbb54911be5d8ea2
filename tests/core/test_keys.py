"""Keys: sealed values, wrapped keys, the key file."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import WrongSetting
from core.keys import KEY_FILE, KeyGone, MasterKeys, blind_index, load_master_keys, replace_key_file, seal, unseal
from core.settings import Settings, load

KEY, OTHER = bytes(32), bytes(range(32))


def given_keys(text: str, home: Path) -> Settings:
    """Return settings with these master keys."""
    return load(home=home, master_keys=text)


def written(name: str, key: bytes = KEY) -> str:
    """Write a master key as the setting has it."""
    return f"{name}:{base64.b64encode(key).decode()}"


@given(st.text(), st.text())
def test_a_sealed_value_opens_in_its_place(text: str, context: str) -> None:
    """Any text under any context comes back, and does not show through."""
    sealed = seal(KEY, text, context)
    assert unseal(KEY, sealed, context) == text
    assert len(text) < 4 or text.encode() not in sealed


def test_the_same_value_is_sealed_differently_each_time() -> None:
    """Equal values cannot be told from their sealed forms."""
    assert seal(KEY, "+260977123456", "address.value/1") != seal(KEY, "+260977123456", "address.value/1")


@given(st.data())
def test_a_changed_byte_does_not_open(data: st.DataObject) -> None:
    """Whichever byte is changed, or wherever it is cut, a sealed value stays shut."""
    sealed = bytearray(seal(KEY, "王伟", "person.name/1"))
    at = data.draw(st.integers(0, len(sealed) - 1))
    cut = bytes(sealed[:at])
    sealed[at] ^= data.draw(st.integers(1, 255))
    for one in (bytes(sealed), cut):
        with pytest.raises(KeyGone):
            unseal(KEY, one, "person.name/1")


@pytest.mark.parametrize(
    ("key", "context"), [(OTHER, "person.name/1"), (KEY, "person.name/2"), (KEY, "address.value/1")]
)
def test_a_value_moved_elsewhere_or_under_another_key_does_not_open(key: bytes, context: str) -> None:
    """A value belongs to one person and one column; the error names the place and not the value."""
    with pytest.raises(KeyGone, match=context) as caught:
        unseal(key, seal(KEY, "王伟", "person.name/1"), context)
    assert "王伟" not in str(caught.value)


def test_a_destroyed_key_is_gone(keys: MasterKeys) -> None:
    """After erasure there is no wrapped key, and the error says so."""
    with pytest.raises(KeyGone, match="destroyed"):
        keys.unwrap(None)


def test_the_old_master_key_still_unwraps_and_the_new_one_wraps(keys: MasterKeys) -> None:
    """Rotation: what the old key wrapped opens beside the new one, new keys are wrapped by the new one only."""
    key, wrapped = keys.new_key()
    both = MasterKeys({"new": OTHER[::-1], **keys.keys}, "new")
    assert both.unwrap(wrapped) == key
    rewrapped = both.wrap(key)
    assert rewrapped.startswith(b"new:")
    assert MasterKeys({"new": OTHER[::-1]}, "new").unwrap(rewrapped) == key


def test_an_unknown_master_key_is_named(keys: MasterKeys) -> None:
    """A key wrapped elsewhere says which master key it needs."""
    _, wrapped = MasterKeys({"abroad": KEY}, "abroad").new_key()
    with pytest.raises(KeyGone, match="abroad"):
        keys.unwrap(wrapped)


def test_a_master_key_of_the_same_name_does_not_open_what_another_wrapped(keys: MasterKeys) -> None:
    """The name alone opens nothing."""
    _, wrapped = keys.new_key()
    with pytest.raises(KeyGone, match="does not open"):
        MasterKeys({keys.current: KEY}, keys.current).unwrap(wrapped)


@given(st.binary(max_size=80))
def test_whatever_is_no_wrapped_key_is_gone(junk: bytes) -> None:
    """Bytes that were never a wrapped key, cut off or overwritten, end as one kind of error."""
    with pytest.raises(KeyGone):
        MasterKeys({"test": OTHER}, "test").unwrap(junk)
    with pytest.raises(KeyGone):
        MasterKeys({"test": OTHER}, "test").unwrap(b"test:" + junk)


def test_the_blind_index_finds_the_same_value_only() -> None:
    """Same key, kind and value give the same index; any other gives another, and 16 bytes do not tell the value."""
    one = blind_index(KEY, "phone", "+260977123456")
    assert one == blind_index(KEY, "phone", "+260977123456")
    others = [(OTHER, "phone", "+260977123456"), (KEY, "email", "+260977123456"), (KEY, "phone", "+260977123457")]
    assert one not in {blind_index(*other) for other in others}
    assert len(one) == 16


def test_the_key_file_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    """On first use a key file with mode 0600 is made; later it is read, never overwritten."""
    settings = load(home=tmp_path)
    made = load_master_keys(settings, create=True)
    file = tmp_path / KEY_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load_master_keys(settings) == load_master_keys(settings, create=True) == made


def test_a_missing_key_file_is_not_replaced_by_itself(tmp_path: Path) -> None:
    """Without being told to create one, no new key is made: it would hide that the old one is lost."""
    with pytest.raises(WrongSetting, match=r"master\.keys"):
        load_master_keys(load(home=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_the_setting_goes_before_the_file_and_its_first_key_wraps(tmp_path: Path) -> None:
    """Several keys by comma or line, the first in use; blank parts are nothing."""
    found = load_master_keys(given_keys(f"{written('k2', OTHER)},\n{written('k1')},", tmp_path))
    assert (found.current, found.keys) == ("k2", {"k2": OTHER, "k1": KEY})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("k1:not-base64!", "key k1 is not base64"),
        (written("k1", b"short"), "key k1 must have 32 bytes"),
        (written(""), "must have 32 bytes"),
        (f"{written('k1')},{written('k1', OTHER)}", "two keys are named k1"),
        (" , ", "no key"),
    ],
)
def test_a_wrong_master_key_is_named_and_not_shown(tmp_path: Path, text: str, words: str) -> None:
    """The sentence names the key by its name, and never repeats the key."""
    with pytest.raises(WrongSetting, match=words) as caught:
        load_master_keys(given_keys(text, tmp_path))
    assert base64.b64encode(KEY).decode() not in str(caught.value)


def test_keys_are_read_anew_when_the_file_was_replaced(tmp_path: Path) -> None:
    """A process with old keys in memory opens what a new master key wrapped, and wraps by the new one; with the file gone it goes on."""
    path = tmp_path / "master.keys"
    replace_key_file(path, [written("k1")])
    running = MasterKeys.from_file(path)
    _, old = running.new_key()
    replace_key_file(path, [written("k2", OTHER), written("k1")])
    key, wrapped = MasterKeys.from_file(path).new_key()
    assert running.unwrap(wrapped) == key
    assert running.wrap(key).startswith(b"k2:")
    replace_key_file(path, [written("k2", OTHER)])
    running.renew()
    with pytest.raises(KeyGone, match="k1"):
        running.unwrap(old)
    path.unlink()
    assert running.unwrap(running.wrap(key)) == key


def test_a_key_file_is_replaced_whole(tmp_path: Path) -> None:
    """A draft that a killed process left does not stand in the way, and only the owner reads the file."""
    path = tmp_path / "master.keys"
    path.with_name("master.keys.new").write_text("half")
    replace_key_file(path, [written("k2", OTHER), written("k1")])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["master.keys"]
    assert MasterKeys.from_file(path).current == "k2"


def test_master_keys_do_not_show(keys: MasterKeys) -> None:
    """As text, as a log would show them, they are names only."""
    assert repr(keys) == "MasterKeys(['test'], 'test')"
    assert repr(KEY)[2:-1] not in repr(MasterKeys({"a": KEY}, "a"))
