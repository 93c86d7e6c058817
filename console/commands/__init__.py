"""One file per subcommand; console.cli imports them only when they are called."""
