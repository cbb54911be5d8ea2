"""`lingbao doctor`: is everything as it must be, and what to do where it is not. One small file for each thing that is looked at."""
