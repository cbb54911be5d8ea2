"""Pictures drawn by the server: each a pure function from small frozen data to SVG or HTML, with the same data as a table."""
