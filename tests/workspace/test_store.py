"""What can go wrong with a database is said in plain words, and nothing that was stored is lost."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from maskwright.errors import StoreError
from maskwright.prompts import Stroke
from maskwright.vision.painting import painted
from maskwright.workspace import store_schema
from maskwright.workspace.kept import KeptClassMap, KeptMask
from maskwright.workspace.labels import Label, with_label
from maskwright.workspace.painting_events import ClassMaps, Paint
from maskwright.workspace.project import STORE_FILE
from maskwright.workspace.session import AddObject, Segmented, Session, SetLabel
from maskwright.workspace.store import Store, sqlite_url

DONE = Segmented("dextr", (), KeptMask.of(np.eye(40, dtype=bool)), 0.5)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "project.sqlite"


@pytest.fixture
def store(file: Path) -> Iterator[Store]:
    store = Store(sqlite_url(file))
    yield store
    store.close()


def add(store: Store, image: str = "cat.jpg") -> Session:
    before = store.load(image)
    after = before.record(AddObject(before.next_object_id, DONE))
    store.save(image, before, after)
    return after


def paint(store: Store, label: str | None = "sky", image: str = "cat.jpg") -> Session:
    class_id = 0 if label is None else 1
    kept = KeptClassMap.of(np.full((2, 3), class_id, np.uint8))
    before = store.load(image)
    after = before.record(Paint(Stroke(((1, 1),), class_id, 9), label, ClassMaps("brush", kept, kept)))
    store.save(image, before, after)
    return after


def test_each_commit_reaches_the_disk(store: Store) -> None:
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL


def test_sessions_of_several_images_do_not_mix(store: Store) -> None:
    cat, dog = add(store, "cat.jpg"), add(store, "dog.jpg")
    dog_after = dog.record(SetLabel(1, "dog"))
    store.save("dog.jpg", dog, dog_after)
    assert store.load("cat.jpg") == cat
    assert store.load("dog.jpg") == dog_after
    assert store.load("cow.jpg") == Session()


def test_it_knows_which_images_have_paint(file: Path, store: Store) -> None:
    add(store, "dog.jpg")
    assert store.painted() == frozenset()
    painted = paint(store)
    assert store.painted() == {"cat.jpg"}
    assert store.object_counts() == {"dog.jpg": 1, "cat.jpg": 0}
    erased = paint(store, None)
    assert store.painted() == frozenset()
    store.save("cat.jpg", erased, erased.undo())
    store.close()
    reopened = Store(sqlite_url(file))
    assert reopened.painted() == {"cat.jpg"}
    assert reopened.load("cat.jpg").painting == painted.painting
    reopened.close()


def test_a_store_that_is_older_than_paintings_gets_them(file: Path, store: Store) -> None:
    kept = add(store)
    with store._engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE paintings")
    store.close()
    reader = Store(sqlite_url(file), read_only=True)
    assert (reader.painted(), reader.load("cat.jpg")) == (frozenset(), kept)
    reader.close()
    reopened = Store(sqlite_url(file))
    assert reopened.load("cat.jpg") == kept
    paint(reopened)
    assert reopened.painted() == {"cat.jpg"}
    reopened.close()


def test_what_is_known_is_not_read_again_until_it_changes(store: Store) -> None:
    known = add(store)
    assert store.load("cat.jpg", known) is known
    after = paint(store)
    assert store.load("cat.jpg", known) == after
    assert store.load("dog.jpg", known) == Session()


def test_labels_are_replaced_as_a_whole(store: Store) -> None:
    store.set_labels([Label("cat", "#112233"), Label("dog", "#445566")])
    store.set_labels([Label("dog", "#445566")])
    assert store.labels() == (Label("dog", "#445566"),)
    with pytest.raises(StoreError, match="'dog' is given twice"):
        store.set_labels([Label("dog", "#445566"), Label("dog", "#000000")])
    assert store.labels() == (Label("dog", "#445566"),)


def test_a_new_label_comes_last_and_takes_a_free_colour(store: Store) -> None:
    store.set_labels([Label("cat", "#56b4e9")])
    for name in (" dog ", "cat", "dog"):
        store.add_label(name)
    assert store.labels() == (Label("cat", "#56b4e9"), Label("dog", "#e69f00"))
    with pytest.raises(StoreError, match="is no name for a label"):
        store.add_label(" ")


def test_a_new_label_takes_no_edit_of_the_list_back(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    edited = [Label("cow", "#112233")]
    edit = threading.Thread(target=store.set_labels, args=(edited,))

    def while_the_list_is_edited(known: Sequence[Label], name: str, color: str | None) -> tuple[Label, ...]:
        edit.start()
        edit.join(0.2)  # or as far as it gets: it has to wait
        return with_label(known, name, color)

    monkeypatch.setattr("maskwright.workspace.store.with_label", while_the_list_is_edited)
    store.add_label("cat")
    edit.join()
    assert store.labels() == tuple(edited)


def test_a_store_in_memory_takes_several_threads() -> None:
    store = Store("sqlite://")

    def use(number: int) -> None:
        store.add_label(f"label {number % 7}")
        store.object_counts()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(use, range(200)))
    assert len(store.labels()) == 7
    store.close()


def test_a_full_disk_is_named_and_earlier_gestures_stay(file: Path, store: Store) -> None:
    kept = add(store)
    # SQLite itself then reports SQLITE_FULL, as on a disk without space.
    with store._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    noise = np.random.default_rng(0).random((300, 300)) < 0.5
    huge = Segmented("dextr", (), KeptMask.of(noise), 0.5)
    with pytest.raises(StoreError, match="disk is full"):
        store.save("cat.jpg", kept, kept.record(AddObject(2, huge)))
    assert store.load("cat.jpg") == kept
    store.close()
    reopened = Store(sqlite_url(file))
    assert reopened.load("cat.jpg") == kept
    add(reopened)
    reopened.close()


def test_a_locked_database_is_named(file: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = add(store)
    monkeypatch.setattr(store_schema, "BUSY_SECONDS", 0.05)
    impatient = Store(sqlite_url(file))
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StoreError, match="another program is holding it"):
            add(impatient)
        assert impatient.load("cat.jpg") == kept
    finally:
        other.close()
    assert len(add(impatient).objects) == 2
    impatient.close()


def test_two_programs_on_one_image_do_not_overwrite_each_other(file: Path, store: Store) -> None:
    mine = add(store)
    other = Store(sqlite_url(file))
    theirs = add(other)
    other.close()
    with pytest.raises(StoreError, match=r"changed by another program.*reload"):
        store.save("cat.jpg", mine, mine.record(SetLabel(1, "cat")))
    with pytest.raises(StoreError, match="changed by another program"):
        store.save("cat.jpg", Session(), Session().record(AddObject(1, DONE)))
    assert store.load("cat.jpg") == theirs


def test_a_file_that_is_no_database_is_left_as_it_is(file: Path) -> None:
    file.write_bytes(b"holiday letters\n" * 1000)
    with pytest.raises(StoreError, match=r"project\.sqlite: it is not an annotation file"):
        Store(sqlite_url(file))
    assert file.read_bytes() == b"holiday letters\n" * 1000


def test_a_damaged_database_is_refused_and_left_as_it_is(file: Path, store: Store) -> None:
    for _ in range(200):
        add(store)
    store.close()
    content = bytearray(file.read_bytes())
    content[4096 * 3 : 4096 * 6] = b"\xff" * (4096 * 3)
    file.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        Store(sqlite_url(file))
    assert file.read_bytes() == bytes(content)


def test_a_damaged_gesture_names_its_image(store: Store) -> None:
    add(store)
    with store._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE events SET event = '{'")
    with pytest.raises(StoreError, match=r"annotations of cat\.jpg .* cannot be read"):
        store.load("cat.jpg")


def test_a_newer_form_is_refused(file: Path, store: Store) -> None:
    with store._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE about SET value = '99'")
    with pytest.raises(StoreError, match=r"have the form 99, this maskwright knows 1"):
        Store(sqlite_url(file))


def test_reading_only_shows_all_and_changes_nothing(file: Path, store: Store) -> None:
    kept = add(store)
    store.close()
    reader = Store(sqlite_url(file), read_only=True)
    assert reader.load("cat.jpg") == kept
    with pytest.raises(StoreError, match="opened for reading only"):
        add(reader)
    with pytest.raises(StoreError, match="opened for reading only"):
        reader.set_labels([])
    reader.close()


def test_reading_only_makes_no_file(file: Path, store: Store) -> None:
    kept = add(store)
    store.close()
    assert [p.name for p in file.parent.iterdir()] == [file.name]
    reader = Store(sqlite_url(file), read_only=True)
    assert reader.load("cat.jpg") == kept
    # Its log's files would be missing on a read-only disk, where SQLite could not make them.
    assert [p.name for p in file.parent.iterdir()] == [file.name]
    reader.close()


def test_reading_only_sees_what_a_killed_server_left_in_the_log(file: Path, store: Store) -> None:
    kept = add(store)
    assert file.with_name(f"{file.name}-wal").stat().st_size > 0
    reader = Store(sqlite_url(file), read_only=True)
    assert reader.load("cat.jpg") == kept
    reader.close()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="its folder must exist"):
        Store(sqlite_url(tmp_path / "missing" / "project.sqlite"))


@pytest.mark.parametrize("url", ["no url at all", "martian://here", "postgresql+nodriver://localhost/cats"])
def test_a_url_that_leads_nowhere_is_named(url: str) -> None:
    with pytest.raises(StoreError, match="annotations cannot be stored at"):
        Store(url)


def test_threads_on_different_images_all_get_through(store: Store) -> None:
    def work(image: str) -> None:
        for _ in range(10):
            add(store, image)

    threads = [threading.Thread(target=work, args=(f"{i}.jpg",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.object_counts() == {f"{i}.jpg": 10 for i in range(4)}


_WRITER = """
import sys
import numpy as np
from maskwright.workspace.kept import KeptMask
from maskwright.workspace.session import AddObject, Segmented
from maskwright.workspace.store import Store
store = Store(sys.argv[1])
session = store.load("cat.jpg")
while True:
    done = Segmented("dextr", (), KeptMask.of(np.eye(40, dtype=bool)), 0.5)
    after = session.record(AddObject(session.next_object_id, done))
    store.save("cat.jpg", session, after)
    session = after
    print(len(session.objects), flush=True)
"""


_PAINTER = """
import sys
from pathlib import Path
from maskwright.methods import METHODS, load_method
from maskwright.prompts import Stroke
from maskwright.vision.painting import painted
from maskwright.workspace.annotator import Annotator
from maskwright.workspace.project import open_project
annotator = Annotator(open_project(Path(sys.argv[1])), METHODS, load_method)
(image,) = annotator.project.images()
for number in range(1000):
    stroke = Stroke(((number % 40, number % 30), (number * 7 % 40, 5)), 1, 2)
    session = annotator.painter.paint(image, "brush", stroke, f"label {number % 9}")
    print(len(session.painting.paints), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_painting_survives_kill_9(tmp_path: Path, save_image: Callable[..., Path]) -> None:
    save_image(np.zeros((30, 40, 3), np.uint8), "a.png")
    with subprocess.Popen([sys.executable, "-c", _PAINTER, str(tmp_path)], stdout=subprocess.PIPE, text=True) as painter:
        assert painter.stdout is not None
        for _ in range(15):
            painter.stdout.readline()
        painter.send_signal(signal.SIGKILL)
        stored = max([15, *map(int, painter.stdout.read().split())])
    store = Store(sqlite_url(tmp_path / STORE_FILE))
    painting = store.load("a.png").painting
    assert painting is not None
    assert stored <= len(painting.paints) <= stored + 1
    assert (painting.maps.painted.class_map() == painted(painting.paints, 30, 40)).all()
    assert store.painted() == {"a.png"}
    store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_all_that_was_stored_survives_kill_9(file: Path) -> None:
    stored = 0
    for _ in range(2):
        with subprocess.Popen([sys.executable, "-c", _WRITER, sqlite_url(file)], stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            assert int(writer.stdout.readline()) == stored + 1
            for _ in range(20):
                stored = int(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)
            stored = max([stored, *map(int, writer.stdout.read().split())])
        store = Store(sqlite_url(file))
        objects = store.load("cat.jpg").objects
        store.close()
        # The last gesture may have been stored without having been reported any more.
        assert stored <= len(objects) <= stored + 1
        assert all(found.segmented == DONE for found in objects)
        stored = len(objects)
