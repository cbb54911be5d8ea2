"""Rounds (追访): what is done, step by step, about people who were asked whether they are safe and have not answered."""
