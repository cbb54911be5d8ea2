"""What notices are made of: wordings that an office may change, numbers it may correct, and rules for what must fit."""
