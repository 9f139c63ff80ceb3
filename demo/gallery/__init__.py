"""The gallery: every message, modal and Home tab that Lastgood can make, in every state, to be looked at and tested.

The catalogue is made with the product's own renderer, page functions and commands: what stands in it is what people
get. A template without an entry fails a test; ``catalogue.py`` says how to add one.

May import: the product, ``demo.page``, ``demo.slack``.
"""

from demo.gallery.catalogue import catalogue, pictures
from demo.gallery.drawing import Drawing, drawn
from demo.gallery.entries import Entry

__all__ = ["Drawing", "Entry", "catalogue", "drawn", "pictures"]
