"""Sessions and labels on disk: SQLite by default, any database that SQLAlchemy knows by URL.

Each gesture is one transaction. In SQLite the journal is a write-ahead log and `synchronous=FULL`: once a gesture was answered,
neither a killed process nor a power cut takes it back (`NORMAL`, the usual choice with a write-ahead log, may lose the last
commits at a power cut; a gesture happens at most a few times a second, so that one fsync costs nothing that can be felt).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError

from maskwright.errors import StoreError
from maskwright.workspace.event_json import event_from_json, event_to_json
from maskwright.workspace.labels import Label, with_label
from maskwright.workspace.session import Session
from maskwright.workspace.store_schema import (
    SCHEMA_VERSION,
    about,
    events,
    explain,
    images,
    labels,
    make_engine,
    metadata,
    paintings,
)


class Store:
    """The annotations of one project. Safe to use from several threads, and from several processes on one database.

    Args:
        url: an SQLAlchemy URL, such as `sqlite:///photos/project.sqlite` or `postgresql+psycopg://localhost/cats`. One
            database holds one project.
        read_only: refuse changes; the database must exist then.

    Raises:
        StoreError: the database cannot be opened, is damaged, or was made by a newer maskwright.

    Example:
        >>> store = Store("sqlite://")
        >>> store.set_labels([Label("cat", "#e69f00")])
        >>> store.labels()
        (Label(name='cat', color='#e69f00'),)
        >>> store.close()
    """

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self.read_only = False
        try:
            self._engine = make_engine(url, read_only=read_only)
        except (ArgumentError, ImportError) as e:
            raise StoreError(f"annotations cannot be stored at {url!r}: {e}") from e
        # In memory there is one connection for all threads: their transactions take turns.
        shared = isinstance(self._engine.pool, sa.StaticPool)
        self._turn: AbstractContextManager[object] = threading.Lock() if shared else nullcontext()
        self.where = sa.make_url(url).database or self._engine.url.render_as_string()
        try:
            # A database in memory is new, so that its tables have to be made even if nothing may follow.
            self._set_up(make=not read_only or sa.make_url(url).database in (None, "", ":memory:"))
        except BaseException:
            self.close()
            raise
        self.read_only = read_only

    def _set_up(self, *, make: bool) -> None:
        if self._engine.dialect.name == "sqlite":
            with self._transaction(write=False) as connection:
                report = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
            if report != "ok":
                raise StoreError(
                    f"the annotations in {self.where} are damaged ({report}); maskwright has not touched them. "
                    "Put a backup in their place, or move the file away to begin anew"
                )
        with self._transaction(write=make) as connection:
            if make:
                metadata.create_all(connection)
                if connection.scalar(sa.select(about.c.value).where(about.c.key == "schema_version")) is None:
                    connection.execute(about.insert().values(key="schema_version", value=str(SCHEMA_VERSION)))
            found = connection.scalar(sa.select(about.c.value).where(about.c.key == "schema_version"))
            if found != str(SCHEMA_VERSION):
                raise StoreError(
                    f"the annotations in {self.where} have the form {found}, this maskwright knows {SCHEMA_VERSION}; "
                    "use the maskwright that made them, or a newer one"
                )
            # Missing where an older maskwright made what may only be read.
            self._has_paintings = sa.inspect(connection).has_table(paintings.name)

    @contextmanager
    def _transaction(self, *, write: bool) -> Iterator[sa.Connection]:
        """Everything done inside is stored, or nothing is."""
        if write and self.read_only:
            raise StoreError(f"{self.where} is opened for reading only, so this change cannot be kept")
        try:
            options = {"maskwright_write": write}
            with self._turn, self._engine.connect().execution_options(**options) as connection, connection.begin():
                yield connection
        except SQLAlchemyError as e:
            raise StoreError(explain(e, self.where)) from e

    def load(self, image: str, known: Session | None = None) -> Session:
        """The session of the image of that name; an empty one when nothing was done to it yet.

        Args:
            image: the image's name.
            known: its session as it was loaded or saved some time ago; it comes back as it is where nothing changed since.

        Raises:
            StoreError: it cannot be read, or is damaged.
        """
        with self._transaction(write=False) as connection:
            row = connection.execute(sa.select(images).where(images.c.name == image)).one_or_none()
            if row is None:
                return Session()
            if known is not None and known.revision == row.revision:
                return known
            query = sa.select(events.c.event).where(events.c.image_id == row.id).order_by(events.c.position)
            texts = connection.scalars(query).all()
        try:
            found = tuple(event_from_json(json.loads(text)) for text in texts)
        except (StoreError, ValueError) as e:
            raise StoreError(f"the annotations of {image} in {self.where} cannot be read: {e}") from e
        return Session(found, row.cursor, row.revision)

    def save(self, image: str, before: Session, after: Session) -> None:
        """Store what changed from one session to the next, in one transaction.

        Args:
            image: the image's name.
            before: the session as it was loaded or last saved.
            after: what `record`, `undo` or `redo` made of it.

        Raises:
            StoreError: nothing was stored: no space, no right to write, the database is locked or damaged, or another
                program changed the session since `before` was loaded.
        """
        kept = 0
        for old, new in zip(before.events, after.events, strict=False):
            if old is not new and old != new:
                break
            kept += 1
        state = {"cursor": after.cursor, "revision": after.revision, "objects": len(after.objects)}
        conflict = StoreError(f"{image} was changed by another program in the meantime; reload it, then do this again")
        with self._transaction(write=True) as connection:
            if before.revision == 0:
                try:
                    connection.execute(images.insert().values(name=image, **state))
                except IntegrityError as e:
                    raise conflict from e
            else:
                same = (images.c.name == image) & (images.c.revision == before.revision)
                if connection.execute(images.update().where(same).values(**state)).rowcount != 1:
                    raise conflict
            image_id = connection.scalar(sa.select(images.c.id).where(images.c.name == image))
            connection.execute(paintings.delete().where(paintings.c.image_id == image_id))
            if after.painting is not None and after.painting.labels:
                connection.execute(paintings.insert().values(image_id=image_id))
            if kept < len(before.events):
                connection.execute(events.delete().where(events.c.image_id == image_id, events.c.position >= kept))
            rows = [
                {"image_id": image_id, "position": kept + i, "event": json.dumps(event_to_json(event))}
                for i, event in enumerate(after.events[kept:])
            ]
            if rows:
                connection.execute(events.insert(), rows)

    def rename(self, names: Mapping[str, str]) -> None:
        """Give the sessions of images to images of other names: new names by old ones. Either all are, or none.

        Raises:
            StoreError: an image of a new name has a session already, or it cannot be stored.
        """
        if names:
            with self._transaction(write=True) as connection:
                for old, new in names.items():
                    connection.execute(images.update().where(images.c.name == old).values(name=new))

    def object_counts(self) -> dict[str, int]:
        """How many objects each image has, by name; images without a session are left out."""
        with self._transaction(write=False) as connection:
            return {row.name: row.objects for row in connection.execute(sa.select(images.c.name, images.c.objects))}

    def painted(self) -> frozenset[str]:
        """The names of the images that have a painting with paint on it."""
        if not self._has_paintings:
            return frozenset()
        with self._transaction(write=False) as connection:
            return frozenset(connection.scalars(sa.select(images.c.name).join(paintings)))

    def labels(self) -> tuple[Label, ...]:
        """The project's labels, in the order they were given."""
        with self._transaction(write=False) as connection:
            return _labels(connection)

    def set_labels(self, new: Sequence[Label]) -> None:
        """Replace the labels.

        Raises:
            StoreError: two have one name, or they cannot be stored.
        """
        names = [label.name for label in new]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise StoreError(f"the label {twice[0]!r} is given twice; each name may be there once")
        with self._label_change() as connection:
            connection.execute(labels.delete())
            rows = [{"position": i, "name": label.name, "color": label.color} for i, label in enumerate(new)]
            if rows:
                connection.execute(labels.insert(), rows)

    def add_label(self, name: str, color: str | None = None) -> None:
        """Put a label at the list's end, unless it is there already; without a colour it gets one that is free.

        Raises:
            StoreError: it is no name, or cannot be stored.
        """
        with self._label_change() as connection:
            known = _labels(connection)
            more = with_label(known, name, color)
            if more != known:
                new = more[-1]
                connection.execute(labels.insert().values(position=len(known), name=new.name, color=new.color))

    @contextmanager
    def _label_change(self) -> Iterator[sa.Connection]:
        """A transaction that changes labels; of several, each sees what the one before has made of the list."""
        with self._transaction(write=True) as connection:
            # SQLite lets one transaction write at a time and knows no such lock; other databases need it.
            connection.execute(sa.select(about.c.value).where(about.c.key == "schema_version").with_for_update())
            yield connection

    def close(self) -> None:
        """Let go of the database; SQLite's write-ahead log is folded into its file."""
        self._engine.dispose()


def _labels(connection: sa.Connection) -> tuple[Label, ...]:
    rows = connection.execute(sa.select(labels).order_by(labels.c.position))
    return tuple(Label(row.name, row.color) for row in rows)


def sqlite_url(path: Path) -> str:
    """The URL of an SQLite file.

    Example:
        >>> sqlite_url(Path("photos/project.sqlite"))
        'sqlite:///photos/project.sqlite'
    """
    return sa.URL.create("sqlite", database=str(path)).render_as_string()
