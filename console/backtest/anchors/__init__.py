"""The anchors of the evaluation, recomputed on the very orders and horizons that a backtest scores."""
