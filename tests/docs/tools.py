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
GIVEN_OUT = f"""#!{sys.executable} -IS
import os, re, sys, urllib.request
from pathlib import Path
files = [one for one in Path(os.environ["SAID"]).iterdir() if one.name.isdigit()]
said = [one.read_text() for one in sorted(files, key=lambda one: int(one.name))]
wanted = r"--ticket ([\\w-]{{6,}})"
if sys.argv[1] != "TICKET":
    wanted = r"(?:代码|验证码|[Cc]ode)\\D{{0,20}}(\\d{{6}})\\b"
    web = urllib.request.build_opener(urllib.request.ProxyHandler(dict()))
    sandbox = f"http://127.0.0.1:{{os.environ['LINGBAO_SANDBOX_PORT']}}/_sandbox/"
    said += [web.open(sandbox + what).read().decode() for what in ("messages", "mail")]
found = re.findall(wanted, chr(10).join(said))
print(found[-1] if found else "nothing-given-out")
"""

TOOLS = {"make": MAKE, "await-port": AWAIT_PORT, "given-out": GIVEN_OUT}
"""By name: the script."""
