"""The overview: how much the library holds, as bars that open the articles behind them."""
