"""`python -m tlcourse.cli`, where the command `tlcourse` is not on the path."""

from tlcourse.cli import main

main()
