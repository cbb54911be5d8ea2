"""Later joiners (后来登记人员): who comes into the place of an alert in force gets its newest standing text, once."""
