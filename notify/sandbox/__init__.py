"""Providers that live on this machine: a Twilio and a mail server that behave like the real ones and reach nobody."""
