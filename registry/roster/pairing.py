"""The stays a roster tells of a person, paired with those that are known. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from registry.people import NewPosting, PostingView
from registry.tables import PostingStatus


def pair_stays(
    told: Sequence[NewPosting], known: Sequence[PostingView]
) -> tuple[tuple[NewPosting, ...], tuple[tuple[PostingView, NewPosting], ...], tuple[PostingView, ...]]:
    """Pair the stays: first those that say nothing new, then by country, the latest first. A stay that is over is not
    reopened.

    Returns:
        The stays that are new, those known with their new content, and those known that are as they were.
    """
    left = sorted(known, key=lambda view: -view.posting_id)
    same: dict[int, PostingView] = {}
    for at, posting in enumerate(told):
        twin = next((view for view in left if view.country == posting.country and _as_known(posting, view)), None)
        if twin is not None:
            same[at] = twin
            left.remove(twin)
    added, changed = [], []
    for at, posting in enumerate(told):
        if at in same:
            continue
        open_stay = next((v for v in left if v.country == posting.country and v.status != PostingStatus.RETURNED), None)
        if open_stay is not None:
            changed.append((open_stay, posting))
            left.remove(open_stay)
        elif posting.status != PostingStatus.RETURNED:
            added.append(posting)
    return tuple(added), tuple(changed), tuple(same.values())


def _as_known(told: NewPosting, known: PostingView) -> bool:
    return (
        told.status == known.status
        and told.city in ("", known.city)
        and (told.site in ("", known.site) or told.site == told.project == known.project)  # an empty cell, filled by it
        and told.project in ("", known.project)
        and told.date_from in (None, known.date_from)
        and told.date_to in (None, known.date_to)
    )
