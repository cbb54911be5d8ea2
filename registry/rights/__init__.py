"""What people may ask of us under the law: to see, correct, take away and erase."""
