"""Annotations in the forms that other tools read and write; `model` holds the plain words that all of them speak."""
