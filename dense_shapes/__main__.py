"""`python -m dense_shapes` is the command `dense-shapes`."""

from dense_shapes.cli import main

if __name__ == "__main__":
    main()
