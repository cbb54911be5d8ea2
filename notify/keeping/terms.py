"""How long everything is kept: one line for each kind of thing, with its tables and files. Pure.

`docs/keeping.md` is made of it, and tests hold that every table of the database and every directory of the office stands in it once.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.i18n import Message, t


@dataclass(frozen=True)
class Term:
    """One kind of thing and how long it is kept.

    Attributes:
        where: tables; or, with a stroke at the end, directories and files of the home directory.
        kept: how long. `why`: for what, or what its keeping rests on.
        setting: the setting that says how long; empty: it is fixed.
        personal: it is about people, under their keys or by their numbers.
    """

    thing: Message
    where: tuple[str, ...]
    kept: Message
    why: Message
    setting: str = ""
    personal: bool = False


WITH_PERSON = t("until the person is erased: after {days} days back, or at their wish", days="`keep_returned_days`")
FOR_EVER = t("for good")
RECORDS = t("{days} days", days="`keep_records_days`")
MONTH = t("30 days after its end")

TERMS: tuple[Term, ...] = (
    Term(t("people, their keys, stays, addresses, contacts at home, consents"),
         ("registrant", "person_key", "posting", "address", "home_contact", "consent"), WITH_PERSON,
         t("to warn them; numbers, countries and times stay and name nobody"), "keep_returned_days", True),
    Term(t("history of the register"), ("register_change",),
         t("until the person is erased; that a stay was confirmed, {days} days", days="`keep_records_days`"),
         t("to undo a roster, to correct; erasing empties the old values"), "keep_returned_days", True),
    Term(t("questions to companies about a person, wishes of people"), ("question", "person_request"), FOR_EVER,
         t("what was asked and done for whom, by number; it names nobody"), "", True),
    Term(t("companies, roster files that were applied, monthly questions"),
         ("employer", "roster_import", "confirmation_round"), FOR_EVER,
         t("counts and hashes; the files themselves are not kept")),
    Term(t("contacts of companies"), ("employer_contact",), t("until `lingbao person erase-contact`"),
         t("whom the office calls"), "", True),
    Term(t("rosters between upload and applying"), ("roster_draft",), t("one day"), t("to mend them"), "", True),
    Term(t("registrations that wait, codes that were sent"), ("registration", "address_check"), MONTH,
         t("to prove whose an address is; what was given is destroyed at once when it ran out"), "", True),
    Term(t("sign-in and set-up links, sessions, visits"),
         ("sign_in_link", "web_session", "resident_visit", "office_set_up_link", "office_session"), MONTH,
         t("to show people their own sessions; what they did stands in the audit"), "", True),
    Term(t("users, tokens, passwords, second factors, recovery codes"),
         ("user_account", "user_token", "office_credential", "office_recovery_code"),
         t("the account for good, what opens it until it is changed or taken away"), t("who acted; only hashes and sealed secrets")),
    Term(t("calls to the API under a key"), ("api_call",), t("7 days"), t("the same call gets the same answer")),
    Term(t("counts of calls and tries"), ("rate_window", "attempt_window"), t("2 days"), t("limits")),
    Term(t("alerts, their texts, places and audiences; situations; own notices; schedules"),
         ("alert", "alert_version", "alert_place", "alert_text", "alert_audience", "alert_schedule", "own_notice", "situation",
          "later_look"), FOR_EVER, t("proof of what was said")),
    Term(t("who was told: recipients, notices, what carries whom"), ("recipient", "delivery", "recipient_delivery"), FOR_EVER,
         t("proof, by number of the person; when they are erased, the hash of their address is overwritten"), "", True),
    Term(t("attempts, what came of them, receipts, messages written back"), ("attempt", "attempt_outcome", "receipt"), FOR_EVER,
         t("proof, sealed; a receipt stays shut for ever when the person is erased"), "", True),
    Term(t("told by hand, answers to \"are you safe?\", steps and calls for the silent"),
         ("by_hand", "safe_word", "safe_step", "safe_call"), FOR_EVER,
         t("proof, sealed; what was said stays shut for ever when the person is erased"), "", True),
    Term(t("messages from numbers that were not asked"), ("unknown_sender",), t("until an officer settles them; the row for good"),
         t("somebody may need help"), "", True),
    Term(t("answers that wait for the database"), ("spool/",), t("until the database has them"), t("nothing is lost"), "", True),
    Term(t("audit, seals"), ("audit", "seal"), FOR_EVER, t("who did and saw what; ids only")),
    Term(t("policies, wordings, corrected numbers, silences, groups, released bulletins"),
         ("policy_version", "message_template", "helpline", "silence", "alert_group", "alert_group_member", "bulletin"), FOR_EVER,
         t("the reasons behind each alert")),
    Term(t("what publishers said, and how it changed"),
         ("source_state", "capture", "advisory", "entry", "advisory_change", "quarantine"), FOR_EVER,
         t("proof of the source; public texts")),
    Term(t("bytes of publishers' pages"), ("captures/",),
         t("{days} days after they were last received; for good if an alert rests on them, an entry says them now, or they are the newest",
           days="`keep_captures_days`"), t("to replay nights, to prove"), "keep_captures_days"),
    Term(t("nights and other runs, with their gaps"), ("run", "gap"), RECORDS,
         t("to see how a night went; the last of each kind stays"), "keep_records_days"),
    Term(t("who chose the digest"), ("digest_reader",), FOR_EVER, t("the choice and its end, by number"), "", True),
    Term(t("changes told in digests, and the letters"), ("digest_told",), RECORDS,
         t("nobody is told twice; the digest looks back a month"), "keep_records_days", True),
    Term(t("letters to companies, briefs and bulletins that were mailed"), ("mailing",),
         t("for good; digests {days} days", days="`keep_records_days`"), t("who got which edition; no text"), "keep_records_days"),
    Term(t("canaries, counts of budgets"), ("canary", "budget_use"), RECORDS, t("to see whether channels work"), "keep_records_days"),
    Term(t("shifts, pages and calls of the duty table"), ("duty_shift", "duty_page", "duty_call", "duty_call_page"),
         t("names and numbers 90 days after the shift; the pages and calls for good"), t("who was woken for what"), "", True),
    Term(t("which database this is, and when parts last ran"), ("instance", "pulse"), FOR_EVER, t("one row each")),
    Term(t("briefs, drafts of bulletins"), ("briefs/", "bulletins/"), t("until they are deleted by hand"), t("they name no person")),
    Term(t("what reached the sandbox"), ("sandbox/",), t("until it is deleted by hand"),
         t("a trial; in clear: delete it after a trial with real people"), "", True),
    Term(t("logs of `lingbao up`"), ("logs/",), t("two files of each part; the older one goes when the newer is over 10 MB"),
         t("ids only")),
    Term(t("runs in Prefect"), ("prefect/",), t("7 days"), t("counts and sentences; what was done stands in our own tables")),
    Term(t("backups"), ("backups/",), t("the newest {count} of the nights; those before an upgrade until they are deleted by hand",
           count="`backup_keep`"), t("sealed; they hold people who were erased since"), "backup_keep", True),
    Term(t("tokens of the sample users, marks of the watchdog"), ("tokens/", "watchdog/"), t("until they are deleted by hand"),
         t("who acts at the command line; no names of people")),
    Term(t("keys"), ("keys/",), t("as long as what they open"), t("without them nothing of people can be read")),
)  # fmt: skip
"""Everything that is kept, and how long."""
