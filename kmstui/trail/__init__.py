"""The audit trail: append-only, hash-chained JSON lines in CloudTrail's record shape.

:mod:`~kmstui.trail.event` builds records, :mod:`~kmstui.trail.log` appends and reads them,
:mod:`~kmstui.trail.verify` checks them with nothing but the files. ``docs/format.md`` specifies
every byte.
"""
