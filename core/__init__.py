"""Clock, settings, database, migrations, places, keys, errors and words: what every room stands on."""
