"""The weekly bulletin (境外安全周报): drafted from what is kept, edited by the office, released once, mailed to companies."""
