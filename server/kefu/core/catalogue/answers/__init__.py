"""What is said of goods once they are known: stock, prices, extremes, others that come close."""
