"""Made from the lock: the bill of materials, the page of licences, the offline bundle. Needs the development environment."""
