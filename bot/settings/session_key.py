"""What sessions are signed with."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from bot.settings.private_file import write_private

if TYPE_CHECKING:
    from bot.settings.operator import Operator

FILE = "session.key"


def session_key(operator: Operator) -> bytes:
    """The setting's, or a random one that is kept in the data folder with mode 0600; made at the first call.

    Raises OSError where it can be neither read nor written.
    """
    if operator.session_secret is not None:
        return operator.session_secret.get_secret_value().strip().encode()
    path = operator.data_dir / FILE
    kept = _read(path)
    if kept is None:
        drawn = path.with_name(f".{FILE}.{secrets.token_hex(8)}")
        write_private(drawn, secrets.token_hex(32))
        try:
            os.link(drawn, path)  # fails where another process was faster; its key holds
        except FileExistsError:
            pass
        finally:
            drawn.unlink()
        kept = _read(path)
    if kept is None:
        raise OSError(f"{path} is empty: delete it, a new one is made then")
    return kept


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes().strip() or None
    except FileNotFoundError:
        return None
