# SPDX-License-Identifier: Apache-2.0
"""Damage in what was acknowledged stops the start; a tail that was never finished doesn't.

A start on a damaged journal exits 3, says in which file and at which byte, and changes nothing.
"""

import contextlib
import re
import shutil

import pytest
from journal_check import check
from journal_file import SECTOR, JournalFiles, journal_format
from shop import Shop, eventually, line, new_id
from stockade_server import StockadeServer, refused_start

DAMAGED = 3
# Room for the lines of enough large reservations to fill several segments.
FLAGS = ("--ids-max=600k", "--legs-max=600k")
BODY = journal_format.BLOCK_HEADER


@contextlib.contextmanager
def recorded(data, *flags):
    """A server that makes a journal. It ends as in a crash, once its last block is a seal."""
    server = StockadeServer(*flags, data=data)
    try:
        server.start()
        with Shop(server.address, "brand") as shop:
            yield shop
        files = JournalFiles(data)
        eventually(lambda: files.last()[0].is_seal)
    finally:
        server.kill()
    # Whether a segment was being prepared just then is chance.
    for draft in files.directory.glob("*.new"):
        draft.unlink()


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A journal of one segment and some forty blocks, and the ids of its reservations."""
    data = tmp_path_factory.mktemp("small") / "data"
    with recorded(data) as shop:
        shop.set_stock("tea", 1_000)
        ids = [shop.reserve({"tea": 1}).reservation_id for _ in range(40)]
    return data, ids


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A journal of several segments."""
    data = tmp_path_factory.mktemp("large") / "data"
    files = JournalFiles(data)
    with recorded(data, *FLAGS) as shop:
        lines = [line(f"sku-{at}", 1) for at in range(500)]
        for each in lines:
            shop.set_stock(each.sku, 100_000)
        while files.begun() < 3:
            calls = [
                shop.reservations.Reserve.future(shop.reserve_request(lines), timeout=60)
                for _ in range(50)
            ]
            for call in calls:
                shop.release(call.result().reservation.reservation_id)
    return data


@pytest.fixture
def journal(small, tmp_path):
    shutil.copytree(small[0], tmp_path / "data")
    return JournalFiles(tmp_path / "data")


@pytest.fixture
def segments(large, tmp_path):
    shutil.copytree(large, tmp_path / "data")
    return JournalFiles(tmp_path / "data")


def damaged(journal, segment=None, offset=None):
    """Neither serves it nor changes it, and both say where it is damaged.

    That is where the broken block lies, or the begin of the next segment, which doesn't follow.
    """
    before = journal.hashes()
    ended = refused_start(journal.data, *FLAGS)
    assert ended.returncode == DAMAGED, ended
    assert ended.stdout == "", "no ready line, so no port"
    found = re.search(r"damaged: ([0-9a-f]{16}\.seg), byte (\d+): ", ended.stderr)
    assert found, ended.stderr
    assert "backup" in ended.stderr, "what to do"
    assert journal.hashes() == before, "nothing was changed"
    told = int(found.group(1).partition(".")[0], 16), int(found.group(2))
    if segment is not None and told != (segment + 1, 0):
        assert told[0] == segment, ended.stderr
        assert offset is None or told[1] == offset, ended.stderr
    ended = check(journal.data)
    assert ended.returncode == DAMAGED, ended
    said = ended.stdout + ended.stderr
    assert found.group(1) in said and found.group(2) in said
    assert journal.hashes() == before, "check never writes"


def serves_with(journal, ids, torn=True):
    """It starts, everything acknowledged is there, and a torn tail is told and cleared."""
    ended = check(journal.data)
    assert ended.returncode == 0, ended
    assert ("torn" in (ended.stdout + ended.stderr)) == torn, ended
    with StockadeServer(data=journal.data) as server:
        assert ("wasn't finished" in server.log()) == torn, server.log()
        assert ("warning" in server.log()) == torn, server.log()
        with Shop(server.address, "brand") as shop:
            for each in ids:
                assert shop.reservation(each).lines[0].granted == 1
            held = shop.stock("tea").held
            assert held >= len(ids)
            shop.reserve({"tea": 1}, reservation_id=new_id())
            assert shop.stock("tea").held == held + 1
    for segment in range(journal.begun()):
        content = journal.bytes_of(segment)
        end = journal.blocks(segment)[-1].end
        assert not any(content[end:]), "zero behind the last block"
    assert check(journal.data).returncode == 0


def blocks_of(journal, segment=0):
    places = journal.blocks(segment)
    assert len(places) > 20
    return places


class TestFlippedBits:
    @pytest.mark.parametrize("at", [0, 1, 10, -3, -2], ids=str)
    @pytest.mark.parametrize("byte", [0, 4, 8, 12, 16, 24, 32, 40, 44, 48, 56, 63])
    def test_in_a_block_header(self, journal, at, byte, is_full):
        if not is_full and at not in (10, -2):
            pytest.skip("a further block: --full")
        block = blocks_of(journal)[at]
        journal.flip(0, block.offset + byte, bit=byte % 8)
        damaged(journal, 0, block.offset)

    @pytest.mark.parametrize("at", [0, 10, -2])
    @pytest.mark.parametrize("place", ["base", "middle", "last byte"])
    def test_in_a_body(self, journal, at, place):
        block = blocks_of(journal)[at]
        inside = {"base": 0, "middle": block.body_len // 2, "last byte": block.body_len - 1}
        journal.flip(0, block.offset + BODY + inside[place], bit=3)
        damaged(journal, 0, block.offset)

    @pytest.mark.parametrize("byte", [0, 4, 8, 16, 32, 40, 48, 56, 64, 72, 80, 100])
    def test_in_the_first_segment_header(self, journal, byte):
        journal.flip(0, byte, bit=1)
        damaged(journal, 0)

    @pytest.mark.parametrize("segment", [1, 2])
    def test_in_a_later_segment_header(self, segments, segment):
        segments.flip(segment, 40, bit=2)
        damaged(segments)

    def test_in_the_first_of_several_segments(self, segments):
        block = segments.blocks(0)[-1]
        segments.flip(0, block.offset + BODY + 100)
        damaged(segments, 0, block.offset)

    def test_that_make_a_block_of_another_kind(self, journal):
        """Checksums recomputed: what the chain alone can tell."""
        block = blocks_of(journal)[10]
        content = journal.bytes_of(0)
        content[block.offset + BODY + 40] ^= 1
        journal_format.reseal(content, block.offset)
        journal.write(0, content)
        damaged(journal, 0)


class TestBlocksOutOfPlace:
    def test_two_swapped(self, journal):
        places = [each for each in blocks_of(journal) if each.byte_count == SECTOR]
        one, two = places[8], places[9]
        content = journal.bytes_of(0)
        content[one.offset : one.end], content[two.offset : two.end] = (
            content[two.offset : two.end],
            content[one.offset : one.end],
        )
        journal.write(0, content)
        damaged(journal, 0, one.offset)

    def test_one_twice(self, journal):
        one, two = blocks_of(journal)[8:10]
        content = journal.bytes_of(0)
        content[two.offset : two.offset + one.byte_count] = content[one.offset : one.end]
        journal.write(0, content)
        damaged(journal, 0, two.offset)

    def test_the_last_one_again_behind_itself(self, journal):
        last, _ = journal.last()
        content = journal.bytes_of(0)
        content[last.end : last.end + last.byte_count] = content[last.offset : last.end]
        journal.write(0, content)
        damaged(journal, 0, last.end)

    def test_one_taken_out(self, journal):
        block = blocks_of(journal)[10]
        content = journal.bytes_of(0)
        del content[block.offset : block.end]
        content += bytes(block.byte_count)
        journal.write(0, content)
        damaged(journal, 0, block.offset)

    def test_one_of_another_journal(self, journal, large):
        block = next(each for each in blocks_of(journal)[5:] if each.byte_count == SECTOR)
        other = JournalFiles(large)
        foreign = next(each for each in other.blocks(0) if each.byte_count == SECTOR)
        content = journal.bytes_of(0)
        content[block.offset : block.end] = other.bytes_of(0)[foreign.offset : foreign.end]
        journal.write(0, content)
        damaged(journal, 0, block.offset)


class TestSectors:
    @pytest.mark.parametrize("at", [0, 10, -2])
    def test_a_zeroed_one(self, journal, at):
        block = blocks_of(journal)[at]
        content = journal.bytes_of(0)
        content[block.offset : block.offset + SECTOR] = bytes(SECTOR)
        journal.write(0, content)
        damaged(journal, 0, block.offset)

    def test_a_zeroed_one_inside_a_large_block(self, segments):
        block = next(each for each in segments.blocks(1) if each.byte_count >= 3 * SECTOR)
        content = segments.bytes_of(1)
        content[block.offset + SECTOR : block.offset + 2 * SECTOR] = bytes(SECTOR)
        segments.write(1, content)
        damaged(segments, 1, block.offset)

    def test_the_segment_header(self, journal):
        content = journal.bytes_of(0)
        content[:SECTOR] = bytes(SECTOR)
        journal.write(0, content)
        damaged(journal, 0)

    def test_a_whole_segment(self, segments):
        segments.write(1, bytes(len(segments.bytes_of(1))))
        damaged(segments)


class TestFiles:
    @pytest.mark.parametrize("segment", [0, 1])
    def test_a_missing_one(self, segments, segment):
        segments.path(segment).unlink()
        damaged(segments, segment)

    def test_the_last_one_that_was_begun_is_missing(self, segments):
        """Its blocks were acknowledged, and a segment behind it is there."""
        last = segments.begun() - 1
        assert segments.count() > last + 1
        segments.path(last).unlink()
        damaged(segments, last)

    @pytest.mark.parametrize(
        "left", [0, 100, SECTOR, SECTOR + 100, 2 * SECTOR, 20 * SECTOR, -SECTOR, -100, -1]
    )
    @pytest.mark.parametrize("segment", [0, 2])
    def test_a_shorter_one(self, segments, segment, left):
        length = len(segments.bytes_of(segment))
        with segments.path(segment).open("r+b") as file:
            file.truncate(left if left >= 0 else length + left)
        damaged(segments, segment)

    def test_a_draft_beside_the_damage_is_left(self, journal):
        journal.path(7).with_suffix(".new").write_bytes(b"x" * 5_000)
        block = blocks_of(journal)[10]
        journal.flip(0, block.offset)
        damaged(journal, 0, block.offset)

    def test_a_longer_one(self, journal):
        with journal.path(0).open("ab") as file:
            file.write(bytes(SECTOR))
        damaged(journal, 0)

    def test_two_that_changed_places(self, segments):
        one, two = segments.bytes_of(0), segments.bytes_of(1)
        segments.write(0, two)
        segments.write(1, one)
        damaged(segments, 0)

    def test_one_of_another_journal(self, segments, small):
        other = JournalFiles(small[0])
        segments.write(1, other.bytes_of(0))
        damaged(segments)

    def test_an_older_copy_of_one(self, segments):
        """The first half of its blocks only, as from a copy that was made earlier."""
        places = segments.blocks(1)
        content = segments.bytes_of(1)
        middle = places[len(places) // 2].offset
        content[middle:] = bytes(len(content) - middle)
        segments.write(1, content)
        damaged(segments)


class TestATornTail:
    """The last block without a seal behind it: as a crash in the middle of its write leaves it."""

    @pytest.fixture
    def unsealed(self, journal):
        """The same journal, and its last seal taken away: the block before it is the tail now."""
        while journal.last()[0].is_seal:
            journal.cut_last_block()
        return journal

    @pytest.mark.parametrize("kept", [0, 64, 512, 2_048])
    def test_cut(self, unsealed, small, kept):
        content = unsealed.bytes_of(0)
        last, _ = unsealed.last()
        content[last.offset + BODY] ^= 1  # so that it isn't whole, however short it is
        unsealed.write(0, content)
        unsealed.cut_last_block(kept)
        serves_with(unsealed, small[1][:-1], torn=kept > 0)

    def test_garbage_behind_the_end(self, journal, small):
        last, _ = journal.last()
        content = journal.bytes_of(0)
        content[last.end : last.end + 3 * SECTOR] = bytes(range(256)) * 48
        journal.write(0, content)
        serves_with(journal, small[1])

    def test_garbage_far_behind_the_end(self, journal, small):
        content = journal.bytes_of(0)
        content[-100:] = b"x" * 100
        journal.write(0, content)
        serves_with(journal, small[1])

    def test_garbage_in_a_segment_that_was_not_begun(self, journal, small):
        content = journal.bytes_of(1)
        content[5 * SECTOR] = 1
        journal.write(1, content)
        serves_with(journal, small[1])

    def test_a_draft_of_a_segment_that_was_not_finished(self, journal, small):
        draft = journal.path(7).with_suffix(".new")
        draft.write_bytes(b"x" * 5_000)
        serves_with(journal, small[1], torn=False)
        assert not draft.exists()

    def test_a_flip_in_the_last_block_reads_as_torn(self, unsealed, small):
        """Documented: in the milliseconds between an answer and its seal there is no witness. The
        seal of an idle server closes that."""
        last, _ = unsealed.last()
        unsealed.flip(0, last.offset + BODY + 20)
        serves_with(unsealed, small[1][:-1])

    def test_nothing_is_wrong_without_its_seal(self, unsealed, small):
        serves_with(unsealed, small[1], torn=False)

    def test_again_and_again(self, journal, small):
        """What a torn tail leaves is cleared, so the next one is only its own."""
        for _ in range(3):
            last, _ = journal.last()
            content = journal.bytes_of(0)
            content[last.end : last.end + SECTOR] = b"\xa5" * SECTOR
            journal.write(0, content)
            serves_with(journal, small[1])


def test_a_directory_without_a_journal(tmp_path):
    ended = check(tmp_path)
    assert ended.returncode == 78, ended
    assert list(tmp_path.iterdir()) == []


def test_check_while_a_server_has_it(journal_server):
    server = journal_server()
    ended = check(server.data)
    assert ended.returncode == 69, ended
    assert str(server.data) in ended.stderr
