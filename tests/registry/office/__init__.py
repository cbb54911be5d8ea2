"""Accounts of the office: passwords, second factors, sessions."""
