"""The pages of the sign-in itself."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(include_in_schema=False)
