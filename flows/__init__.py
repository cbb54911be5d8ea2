"""Prefect flows: when things happen. Each flow is a thin coat over an operation of the rooms below."""
