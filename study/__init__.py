"""What the rules do, as importable and tested modules; `scripts` holds one thin script per rule."""
