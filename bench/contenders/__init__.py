"""Who is measured: one file a framework. Each has `train(work, options)` and most have `predict(work, options)`.

Both return a function `run(times)`: it trains for so many epochs, or predicts so many times, waits until the result is
there, and returns the last loss (or None).
"""
