"""`python -m climb`."""

from climb.cli import main

if __name__ == "__main__":
    main()
