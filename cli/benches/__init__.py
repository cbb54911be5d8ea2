"""What `lingbao bench` measures, one file a figure."""
