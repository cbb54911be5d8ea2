"""The page that stops mail to one address."""
