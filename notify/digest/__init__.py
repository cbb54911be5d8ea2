"""The digest (安全提示摘要): changes that are no alert, for companies and residents who chose to read of them."""
