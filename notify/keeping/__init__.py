"""How long everything is kept, in one table (`terms`), and the deleting of what is over (`tidy`). People are erased by `notify.erasure`."""
