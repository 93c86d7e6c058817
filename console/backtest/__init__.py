"""The report of a backtest: figures, tables, picture, page."""
