"""`python -m notify.sandbox`: the sandbox as a process."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core.errors import LingbaoError
from core.i18n import both, choose_language
from notify.sandbox.running import ACCOUNT_SID, AUTH_TOKEN
from notify.sandbox.server import serve


def main() -> int:
    """Run the sandbox as the arguments say; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m notify.sandbox")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--faults", default="")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--auth-token", default=AUTH_TOKEN)
    parser.add_argument("--account-sid", default=ACCOUNT_SID)
    given = parser.parse_args()
    try:
        serve(
            given.port,
            given.directory,
            faults=given.faults,
            seed=given.seed,
            auth_token=given.auth_token,
            account_sid=given.account_sid,
        )
    except LingbaoError as error:
        sys.stderr.write(both(error.message, choose_language()) + "\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
