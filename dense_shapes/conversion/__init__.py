"""Models written anew: in our own language, or as a config that Keras loads."""
