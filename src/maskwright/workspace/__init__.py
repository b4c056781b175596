"""What a person works on: a folder of images, the session of each, and the store that keeps them."""
