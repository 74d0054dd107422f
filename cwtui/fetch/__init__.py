"""Events without loss: the guarantees above the reader, the same for AWS and offline."""
