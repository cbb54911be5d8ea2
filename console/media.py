"""Media types of the files that are given and taken."""

from __future__ import annotations

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
