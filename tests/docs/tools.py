"""Small commands on the path of a page's shell, beside the stand-in for `lingbao`."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# What a page makes is only looked at: `make test` would run these tests, `make demo` another test runs.
MAKE = f"""#!/bin/sh
exec {shutil.which("make") or "make"} -n -C {shlex.quote(str(ROOT))} "$@"
"""

AWAIT_PORT = f"""#!{sys.executable} -IS
import socket, sys, time
for _ in range(300):
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1]))).close()
        sys.exit(0)
    except OSError:
        time.sleep(0.1)
sys.exit(1)
"""

# The newest ticket that a command of the page has printed; the newest code that reached the sandbox or was read out.
GIVEN_OUT = rf"""#!{sys.executable} -IS
import json, os, re, sys, urllib.request
from pathlib import Path
files = [one for one in Path(os.environ["SAID"]).iterdir() if one.name.isdigit()]
said = [one.read_text() for one in sorted(files, key=lambda one: int(one.name))]
tickets = list(re.finditer(r"--ticket ([\w-]{{6,}})", chr(10).join(said)))
if sys.argv[1] == "TICKET":
    print(tickets[-1][1])
else:
    before = chr(10).join(said)[: tickets[-1].start()][-200:]
    found = re.findall(r"\b\d{{6}}\b", before)
    if not found:
        web = urllib.request.build_opener(urllib.request.ProxyHandler(dict()))
        sandbox = f"http://127.0.0.1:{{os.environ['LINGBAO_SANDBOX_PORT']}}/_sandbox/"
        sent = [(one["created"], one["body"]) for one in json.load(web.open(sandbox + "messages"))]
        sent += [(one["received"], one["text"]) for one in json.load(web.open(sandbox + "mail"))]
        found = re.findall(r"(?:验证码|[Cc]ode)\D{{0,20}}(\d{{6}})\b", chr(10).join(body for _, body in sorted(sent)))
    print(found[-1])
"""

TOOLS = {"make": MAKE, "await-port": AWAIT_PORT, "given-out": GIVEN_OUT}
"""By name: the script."""
