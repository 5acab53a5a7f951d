"""How the repository is installed, run and tested. Standard library only: it runs before anything is installed."""
