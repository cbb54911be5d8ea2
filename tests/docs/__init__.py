"""The command lines of README and docs, run as a reader would type them.

What a page says to this runner:

- A block of `sh` is typed: by a real shell, in the order of the page, one shell for the whole page. The home is `var`. Unless the page
  begins from nothing (`preparations`), there is an office that works: administrator `chief`, officers `zhang` and `officer`, approvers
  `li`, `wang` and `director`, companies `SAMPLE` and `SAMPLE-2` with seven people, `hr.sample` of the first, and alert 1, which was sent.
- A command ends with 0, or as its comment says: `# exit 1: why`, or `# exit 1 if …` for 0 or 1. Nobody answers questions.
- A block of `text` directly below is what the commands say. Numbers, times and codes are free; a line `…` stands for any lines.
- A block of `toml` that begins with `# lingbao.toml` is added to the settings.
- `lingbao sandbox` and `lingbao serve` run on beside the next commands, on ports of their own. `make` only says what it would do.
- Days and weeks are moved: a page is written as on 2026-11-22. `TICKET` and `123456` are what the program gave out last.
- A block that begins with `# on the server, not run by a test: why` is not run, and stands in `not_run`, as does what other tests run.
"""
