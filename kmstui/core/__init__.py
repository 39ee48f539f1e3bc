"""What every layer stands on: errors, names, clocks, limits, encodings and the operation spec."""
