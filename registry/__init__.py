"""The register: employers, people, where they are, how to reach them, and who may see them."""
