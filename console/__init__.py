"""Web: pages of companies and residents, the API of companies, the callbacks of providers, the CAP feed, figures for Prometheus."""
