"""Web: the callbacks of providers; the pages for officers and companies will live here too."""
