"""The demonstration: six small sites with real photographs, collected by the command line as a user would."""
