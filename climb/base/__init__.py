"""What every room of the project shares: file schemas, atomic files, errors, random bits, progress."""
