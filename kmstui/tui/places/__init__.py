"""The places of the console, one folder each.

A place is a package ``kmstui/tui/places/<id>/`` whose ``__init__`` holds ``PLACE``, a
:class:`~kmstui.tui.place.PlaceSpec`. It is found by looking; nothing else has to be touched. Keep
that ``__init__`` light: views are named by text and imported when they are first shown.
"""
