"""PyJWT itself: it signs the number and refuses it; after the patch the user comes back as the same number."""

from __future__ import annotations

from typing import Any

import jwt
import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from codemods.engine import registry
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.finding import Applicability
from codemods.engine.run.analyse import analyse, fixed
from codemods.engine.run.report import Options

CODE = """
import jwt
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

KEY = "k" * 40


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


def create_access_token(data: dict) -> str:
    to_encode = data.copy()
    to_encode["iss"] = "here"
    return jwt.encode(to_encode, KEY, algorithm="HS256")


def login(db, name: str) -> str:
    user = db.query(User).filter(User.name == name).first()
    return create_access_token({"sub": user.id})


def current(db, token: str):
    payload = jwt.decode(token, KEY, algorithms=["HS256"])
    user_id: int = payload.get("sub")
    if user_id is None:
        return None
    return db.query(User).filter(User.id == payload["sub"]).one(), user_id


def nobody() -> str:
    return jwt.encode({"iss": "here"}, KEY, algorithm="HS256")
"""


def run(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "app.auth"}
    exec(compile(code, "app/auth.py", "exec", dont_inherit=True), names)
    return names


def database(names: dict[str, Any]) -> Session:
    engine = create_engine("sqlite://")
    names["Base"].metadata.create_all(engine)
    db = Session(engine)
    db.add_all([names["User"](id=7, name="ada"), names["User"](id=8, name="bob")])
    db.commit()
    return db


@pytest.fixture
def patched() -> str:
    snapshot = MemorySnapshot({"app/auth.py": CODE.encode()})
    report = analyse(snapshot, [registry.load("jwt-subject")], Options(workers=1))
    return fixed(snapshot, report, frozenset({Applicability.UNSAFE}))["app/auth.py"].decode()


def test_a_number_is_signed_and_refused() -> None:
    names = run(CODE)
    with database(names) as db:
        token = names["login"](db, "ada")
        with pytest.raises(jwt.exceptions.InvalidSubjectError, match="Subject must be a string"):
            names["current"](db, token)


def test_the_user_comes_back_as_the_same_number(patched: str) -> None:
    names = run(patched)
    with database(names) as db:
        user, user_id = names["current"](db, names["login"](db, "ada"))
        assert (user.name, user_id, type(user_id)) == ("ada", 7, int)


def test_without_a_subject_there_is_nobody_as_before(patched: str) -> None:
    for code in (CODE, patched):
        names = run(code)
        with database(names) as db:
            assert names["current"](db, names["nobody"]()) is None
