"""Models that Keras saved: configs as JSON and YAML, archives, TensorFlow.js."""
